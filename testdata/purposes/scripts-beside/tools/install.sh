#!/bin/sh
kubectl apply -f both.yaml

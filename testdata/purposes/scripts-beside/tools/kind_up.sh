#!/bin/sh
kubectl apply -f "$HERE/balancer.yaml"
kubectl apply -f "$HERE/both.yaml"

//! Storage: claims, volumes, classes.

use super::Object;
use super::quantity::Quantity;
use super::reading::At;
use crate::facts::{Fact, Found};

/// A PersistentVolumeClaim, also as a template of a StatefulSet.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its name.
    pub name: Fact<String>,
    /// `ReadWriteOnce`, `ReadWriteMany`, …
    pub access_modes: Found<String>,
    /// Its class; `None`: the cluster's default.
    pub class: Fact<Option<String>>,
    /// Size asked for.
    pub size: Fact<Option<Quantity>>,
    /// The volume it is bound to by name.
    pub volume: Fact<Option<String>>,
}

/// A PersistentVolume.
#[derive(Clone, Debug)]
pub struct PersistentVolume {
    /// `ReadWriteOnce`, `ReadWriteMany`, …
    pub access_modes: Found<String>,
    /// Its class.
    pub class: Fact<Option<String>>,
    /// Its size.
    pub size: Fact<Option<Quantity>>,
    /// `Retain` by default for one that was made by hand.
    pub reclaim_policy: Fact<String>,
    /// Path of the node, when it is one.
    pub host_path: Fact<Option<String>>,
    /// Its name.
    pub name: Fact<String>,
    /// Name of the claim that it is kept for.
    pub claim: Fact<Option<String>>,
}

/// A StorageClass.
#[derive(Clone, Debug)]
pub struct StorageClass {
    /// Who makes the volumes.
    pub provisioner: Fact<String>,
    /// `Delete` by default.
    pub reclaim_policy: Fact<String>,
    /// `Immediate` by default.
    pub binding_mode: Fact<String>,
    /// Default false.
    pub allow_expansion: Fact<bool>,
}

impl Claim {
    pub(crate) fn read(at: At<'_>) -> Claim {
        let spec = at.get("spec");
        Claim {
            name: at.path(&["metadata", "name"]).required(),
            access_modes: spec.get("accessModes").texts(),
            class: spec.get("storageClassName").text(),
            size: spec.path(&["resources", "requests", "storage"]).quantity(),
            volume: spec.get("volumeName").text(),
        }
    }
}

impl Object {
    /// The object as a PersistentVolumeClaim.
    pub fn claim(&self) -> Option<Claim> {
        self.is("", "PersistentVolumeClaim").then(|| Claim::read(self.at()))
    }

    /// The object as a PersistentVolume.
    pub fn persistent_volume(&self) -> Option<PersistentVolume> {
        let spec = self.at().get("spec");
        self.is("", "PersistentVolume").then(|| PersistentVolume {
            access_modes: spec.get("accessModes").texts(),
            class: spec.get("storageClassName").text(),
            size: spec.path(&["capacity", "storage"]).quantity(),
            reclaim_policy: spec.get("persistentVolumeReclaimPolicy").text_or("Retain"),
            host_path: spec.path(&["hostPath", "path"]).text(),
            name: self.name(),
            claim: spec.path(&["claimRef", "name"]).text(),
        })
    }

    /// The object as a StorageClass.
    pub fn storage_class(&self) -> Option<StorageClass> {
        let root = self.at();
        self.is("storage.k8s.io", "StorageClass").then(|| StorageClass {
            provisioner: root.get("provisioner").required(),
            reclaim_policy: root.get("reclaimPolicy").text_or("Delete"),
            binding_mode: root.get("volumeBindingMode").text_or("Immediate"),
            allow_expansion: root.get("allowVolumeExpansion").bool_or(false),
        })
    }
}

//! Which contract a plugin was built for, and what it can do.

use std::fmt;

/// A released version of the package `tillgate:mapper`. Every one of them is served, side by side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContractVersion {
    /// `tillgate:mapper@1.0.0`.
    V1_0,
    /// `tillgate:mapper@1.1.0`: `order` has `confirmation-number`.
    V1_1,
}

impl ContractVersion {
    /// Every version, from the oldest on.
    pub const ALL: [Self; 2] = [Self::V1_0, Self::V1_1];
    /// The one that new plugins are built for.
    pub const LATEST: Self = Self::V1_1;

    /// Its name: major and minor number.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
        }
    }

    /// The version of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text)
    }

    /// The version of a package version like `1.0.0`: patches change no types.
    pub(crate) fn of_package(version: &str) -> Option<Self> {
        let (name, patch) = version.rsplit_once('.')?;
        let is_number = !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self::parse(name)).flatten()
    }

    /// What the digests of inputs begin with: another contract hands over other records, so its inputs are others.
    pub(crate) const fn input_domain(self) -> &'static [u8] {
        match self {
            Self::V1_0 => b"tillgate:mapper@1.0.0",
            Self::V1_1 => b"tillgate:mapper@1.1.0",
        }
    }
}

impl fmt::Display for ContractVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a plugin does. For what it does not, the standard mapper stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Capabilities {
    /// Orders into the POS: it exports `order-mapper`.
    pub map_order: bool,
    /// Products into the POS: it exports `product-mapper`.
    pub map_product: bool,
    /// Products of the POS out to the store: it exports `product-publisher`.
    pub publish_product: bool,
}

impl Capabilities {
    /// Whether there is anything that it does.
    pub const fn any(self) -> bool {
        self.map_order || self.map_product || self.publish_product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_by_name_and_by_package() {
        for version in ContractVersion::ALL {
            assert_eq!(ContractVersion::parse(version.as_str()), Some(version));
            assert_eq!(ContractVersion::of_package(&format!("{version}.0")), Some(version));
            assert_eq!(ContractVersion::of_package(&format!("{version}.12")), Some(version));
            let domain = String::from_utf8_lossy(version.input_domain()).into_owned();
            assert_eq!(domain, format!("tillgate:mapper@{version}.0"));
        }
        for unknown in ["", "1", "1.0", "1.0.", "1.0.0-rc", "0.9.0", "2.0.0"] {
            assert_eq!(ContractVersion::of_package(unknown), None, "{unknown}");
        }
    }
}

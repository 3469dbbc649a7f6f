"""az 2.45 takes 7.0 as the version of Key Vault's data plane, and looks up the old client under that name."""

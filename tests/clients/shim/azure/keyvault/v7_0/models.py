"""Classes of the old package that az names when it sorts errors."""


class KeyVaultErrorException(Exception):
    """The old client's error, which nothing raises here: az then shows the newer client's error as it is."""

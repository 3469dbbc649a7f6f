"""The parts of an object's identifier: https://VAULT/COLLECTION/NAME[/VERSION]."""

from urllib.parse import urlsplit


class KeyVaultIdentifier:
    """Has vault (a URL without a path), collection, name, and version (empty where the identifier has none)."""

    def __init__(self, uri, collection):
        parts = urlsplit(uri)
        path = parts.path.strip("/").split("/")
        if not parts.scheme or not parts.netloc or len(path) not in (2, 3) or path[0] != collection:
            raise ValueError(f"{uri} is not https://VAULT/{collection}/NAME[/VERSION]")
        self.vault = f"{parts.scheme}://{parts.netloc}"
        self.collection = collection
        self.name = path[1]
        self.version = path[2] if len(path) == 3 else ""

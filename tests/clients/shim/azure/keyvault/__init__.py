"""What az 2.45 wants of the old azure-keyvault package, which Debian does not have.

Debian's az asks it for two things: the parts of a key's identifier, and a client for the two commands that list keys. Here are
just these, on top of Debian's azure-keyvault-keys. With shim/ on PYTHONPATH az finds them, and az itself is unchanged.
"""

from pkgutil import extend_path

# The other packages of this name (azure.keyvault.keys and its neighbours) stay where Debian has them.
__path__ = extend_path(__path__, __name__)

from azure.keyvault.v7_0.key_vault_client import KeyVaultAuthentication, KeyVaultClient  # noqa: E402

__all__ = ["KeyVaultAuthentication", "KeyVaultClient"]

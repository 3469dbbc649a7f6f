"""A client with the two operations that 'az keyvault key list' and '… list-versions' call, in the old package's shape."""

import time

from azure.core.credentials import AccessToken
from azure.keyvault.keys import KeyClient

# How long a token is said to be good for; each az command is a process of its own and lives for less.
TOKEN_LIFETIME_S = 300


class KeyVaultAuthentication:
    """Turns az's function for tokens into a credential as the newer packages want it."""

    def __init__(self, authorization_callback):
        self._callback = authorization_callback

    def get_token(self, *scopes, **_):
        """Ask az for the token of the resource that the vault's challenge named."""
        _, token, _ = self._callback(None, scopes[0].removesuffix("/.default"), None)
        return AccessToken(token, int(time.time()) + TOKEN_LIFETIME_S)


class _Listed:
    """One key of a list, with the members that az prints."""

    def __init__(self, properties):
        self.kid = properties.id
        self.attributes = properties._attributes  # pylint: disable=protected-access
        self.tags = properties.tags
        self.managed = properties.managed


class KeyVaultClient:
    """Lists keys and their versions. az takes the options and the help of its commands from these functions."""

    def __init__(self, credentials, api_version):
        self._credentials = credentials
        self._api_version = api_version

    def _keys(self, vault):
        return KeyClient(vault_url=vault, credential=self._credentials, api_version=self._api_version)

    def get_keys(self, vault_base_url, maxresults=None, **kwargs):  # pylint: disable=unused-argument
        """List the keys of a vault.

        :param str vault_base_url: The vault's URL.
        :param int maxresults: How many to show at most, which az sees to.
        """
        return [_Listed(found) for found in self._keys(vault_base_url).list_properties_of_keys()]

    def get_key_versions(self, vault_base_url, key_name, maxresults=None, **kwargs):  # pylint: disable=unused-argument
        """List the versions of a key.

        :param str vault_base_url: The vault's URL.
        :param str key_name: The key's name.
        :param int maxresults: How many to show at most, which az sees to.
        """
        return [_Listed(found) for found in self._keys(vault_base_url).list_properties_of_key_versions(key_name)]

    def create_key(self):
        """Create a key, or a new version of a key, in a vault."""
        # az only reads the sentence above, for its own 'keyvault key create', which uses the newer client.
        raise NotImplementedError

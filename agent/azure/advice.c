#include "advice.h"

#include <stddef.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

/*
 * Sources: Key Vault's "common error codes" and RBAC guide, ARM's "common deployment errors",
 * Entra's "reference error codes".
 */
static const struct advice advices[] = {
	/*
	 * Key Vault. Network blocks, roles, policies and disabled keys are all 403: only the
	 * inner code tells them apart.
	 */
	{ "ForbiddenByRbac", FAULT_PERMISSION, "give keyturn's identity the role Key Vault Crypto Officer on this vault (on a Managed "
	  "HSM: Managed HSM Crypto User); a new role needs some minutes" },
	{ "ForbiddenByPolicy", FAULT_PERMISSION, "add the missing key permission to keyturn's entry in the vault's access policy" },
	{ "AccessDenied", FAULT_PERMISSION, "add the missing key permission to keyturn's entry in the vault's access policy" },
	{ "ForbiddenByFirewall", FAULT_PERMISSION, "let this machine's public address through the vault's firewall; a new rule may "
	  "need 15 minutes" },
	{ "ForbiddenByConnection", FAULT_PERMISSION, "the vault takes no public connections: reach it through its private endpoint" },
	{ "KeyDisabled", FAULT_REFUSED, "enable this key version again: data encrypted under it cannot be read without it" },
	{ "KeyNotYetValid", FAULT_REFUSED, "the version's nbf lies in the future" },
	{ "KeyExpired", FAULT_REFUSED, "extend the version's exp: a version that services need must not expire" },
	{ "KeyTypeNotSupported", FAULT_REFUSED, "RSA-HSM and EC-HSM keys need a Premium vault or a Managed HSM" },
	{ "ObjectIsDeletedButRecoverable", FAULT_REFUSED, "recover the deleted key (az keyvault key recover) or choose another name" },
	{ "ObjectIsBeingDeleted", FAULT_RETRY, "try again in some minutes" },
	{ "ObjectIsBeingRecovered", FAULT_RETRY, "try again in some minutes" },
	{ "Throttled", FAULT_RETRY, "the vault is busy: try again later" },
	{ "AKV10000", FAULT_PERMISSION, "no token reached the vault: look for a proxy that drops the Authorization header" },
	{ "AKV10022", FAULT_PERMISSION, "the token is for another audience: check the vault suffixes in the settings" },
	{ "AKV10032", FAULT_PERMISSION, "the vault trusts another tenant than the settings name" },

	/* Resource Manager. */
	{ "AuthorizationFailed", FAULT_PERMISSION, "give keyturn's identity a role with this action on the resource; a new role needs "
	  "some minutes" },
	{ "LinkedAuthorizationFailed", FAULT_PERMISSION, "the resource carries a user-assigned identity: give keyturn's identity the role "
	  "Managed Identity Operator on it" },
	{ "RequestDisallowedByPolicy", FAULT_REFUSED, "an Azure Policy forbids it: ask its owner for an exemption" },
	{ "ScopeLocked", FAULT_REFUSED, "a ReadOnly lock lies on the resource, its group or its subscription: remove it for the rotation" },
	{ "AnotherOperationInProgress", FAULT_RETRY, "another change is under way: try again when it has ended" },
	{ "RetryableErrorDueToAnotherOperation", FAULT_RETRY, "another change is under way: try again when it has ended" },
	{ "Conflict", FAULT_RETRY, "another change is under way: try again when it has ended" },
	{ "MissingSubscriptionRegistration", FAULT_REFUSED, "register the resource provider in this subscription (az provider register)" },
	{ "InvalidAuthenticationTokenTenant", FAULT_PERMISSION, "the subscription belongs to another tenant than the settings name" },
	{ "ExpiredAuthenticationToken", FAULT_PERMISSION, "check this machine's clock" },
	{ "SubscriptionNotFound", FAULT_NOT_FOUND, "check the subscription in the resource id, and that keyturn's identity has a role in it" },
	{ "ResourceNotFound", FAULT_NOT_FOUND, "check the resource id in the policy" },
	{ "ResourceGroupNotFound", FAULT_NOT_FOUND, "check the resource id in the policy" },
	{ "PropertyChangeNotAllowed", FAULT_REFUSED, "this property can only be set when the resource is created" },
	{ "TooManyRequests", FAULT_RETRY, "Azure is busy: try again later" },

	/*
	 * Entra. Its texts may change, its numbers are meant for people only; both may be
	 * missing.
	 */
	{ "AADSTS7000215", FAULT_PERMISSION, "the client secret is wrong: the file must hold the secret's value, not its id" },
	{ "AADSTS7000222", FAULT_PERMISSION, "the client secret has expired: make a new one and put it into the file" },
	{ "AADSTS700016", FAULT_PERMISSION, "the tenant knows no such application: check client_id and tenant" },
	{ "AADSTS7000112", FAULT_PERMISSION, "the application is disabled in this tenant" },
	{ "AADSTS90002", FAULT_PERMISSION, "there is no such tenant here: check tenant and authority (which cloud?)" },
	{ "AADSTS500011", FAULT_PERMISSION, "the tenant knows no such resource: check the suffixes and audiences in the settings" },
	{ "AADSTS50001", FAULT_PERMISSION, "the tenant knows no such resource: check the suffixes and audiences in the settings" },
	{ "AADSTS70011", FAULT_PERMISSION, "the scope is wrong: check the suffixes and audiences in the settings" },
	{ "AADSTS700022", FAULT_PERMISSION, "the scope names several resources: check the audiences in the settings" },
	{ "AADSTS700024", FAULT_PERMISSION, "this machine's clock is wrong: mend its NTP" },
	{ "AADSTS700027", FAULT_PERMISSION, "the certificate is not registered with the application, or another key signed" },
	{ "AADSTS70021", FAULT_PERMISSION, "no federated credential fits; a new one needs some minutes" },
	{ "AADSTS7000218", FAULT_PERMISSION, "the application wants a secret or an assertion: check credential in the settings" },
	{ "AADSTS53003", FAULT_PERMISSION, "Conditional Access forbids it: ask the tenant's administrator" },
	{ "AADSTS530032", FAULT_PERMISSION, "Conditional Access forbids it: ask the tenant's administrator" },
	{ "AADSTS90055", FAULT_RETRY, "the tenant is throttled: try again later" },
	{ "temporarily_unavailable", FAULT_RETRY, "Entra is busy: try again later" },
};

enum { ADVICE_COUNT = sizeof advices / sizeof advices[0] };

/* Codes are words of Azure's, and no two services agree on their case. */
const struct advice *
advice_find(const char *code)
{
	for (size_t i = 0; i < ADVICE_COUNT; i++)
		if (strcasecmp(advices[i].code, code) == 0)
			return &advices[i];
	return NULL;
}

/* AADSTS70002 must not be found in AADSTS700022. */
static bool
stands_in(const char *code, const char *message)
{
	const char *place = strstr(message, code);

	return place != NULL && !isdigit((unsigned char)place[strlen(code)]);
}

const struct advice *
advice_find_in(const char *message)
{
	for (size_t i = 0; i < ADVICE_COUNT; i++) {
		const char *code = advices[i].code;

		if (strncmp(code, "AKV", 3) != 0 && strncmp(code, "AADSTS", 6) != 0)
			continue;
		if (stands_in(code, message))
			return &advices[i];
	}
	return NULL;
}

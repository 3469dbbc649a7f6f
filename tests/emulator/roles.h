#ifndef ROLES_H
#define ROLES_H

/*
 * Role assignments. They are kept in the world's member "role_assignments", an array of objects in
 * the shape that Resource Manager shows (REST operation "Role Assignments - Get"): {"id", "name",
 * "type", "properties": {"scope", "principalId", "principalType", "roleDefinitionId", "createdOn"
 * ...}}.
 */

#include <jansson.h>
#include <stdbool.h>

struct world;

#define ROLES_CRYPTO_OFFICER "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
#define ROLES_CRYPTO_SERVICE_ENCRYPTION_USER "e147488a-f6f5-4113-8e2d-b22465e65bf6"
#define ROLES_CRYPTO_USER "12338af0-0e69-4776-bea7-57ae8d297424"
#define ROLES_FHIR_DATA_READER "4c8d0bbc-75d3-4935-991f-5f3c56d81508"
#define ROLES_DICOM_DATA_READER "e89c7a3c-2f64-4fa1-a847-3e4c9ba4283a"
#define ROLES_CONTRIBUTOR "b24988ac-6180-42a0-ab88-20f7382dd24c"
#define ROLES_READER "acdd72a7-3385-48ef-bd42-f606fba81ae7"
#define ROLES_USER_ACCESS_ADMINISTRATOR "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
#define ROLES_IDENTITY_OPERATOR "f1a07417-d97a-45cb-824c-7a7467783830"
#define ROLES_OWNER "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"

/**
 * roles_add(w, principal, role, scope):
 * Assign the role with the GUID ${role} to the object id ${principal} at ${scope} (a resource id).
 * Return the assignment (borrowed); one that exists already is returned as it is.
 */
json_t *roles_add(struct world *w, const char *principal, const char *role, const char *scope);

/**
 * roles_remove(w, principal, role, scope):
 * Take such an assignment away. Return whether there was one.
 */
bool roles_remove(struct world *w, const char *principal, const char *role, const char *scope);

/**
 * roles_allow(w, principal, scope, data_action):
 * Return whether a role of ${principal} at ${scope} or above it includes the data action, for
 * instance "Microsoft.KeyVault/vaults/keys/wrap/action".
 */
bool roles_allow(struct world *w, const char *principal, const char *scope, const char *data_action);

/**
 * roles_allow_control(w, principal, scope, action):
 * The same for actions of the control plane, for instance
 * "Microsoft.HealthcareApis/workspaces/fhirservices/write".
 */
bool roles_allow_control(struct world *w, const char *principal, const char *scope, const char *action);

/**
 * roles_definitions(w):
 * Return the built-in roles that are known here, as Resource Manager shows role definitions: a new
 * array.
 */
json_t *roles_definitions(struct world *w);

#endif

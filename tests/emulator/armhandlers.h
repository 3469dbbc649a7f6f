#ifndef ARMHANDLERS_H
#define ARMHANDLERS_H

/* The handlers of Resource Manager besides those of the health resources; each answers a request whose path, api-version and right were checked. */

struct armid;
struct exchange;

/* armscope.c: tenants, subscriptions, groups, providers, lists of resources, and what hangs on any scope. */
void armscope_tenants(struct exchange *x, const struct armid *id);
void armscope_subscriptions(struct exchange *x, const struct armid *id);
void armscope_groups(struct exchange *x, const struct armid *id);
void armscope_providers(struct exchange *x, const struct armid *id);
void armscope_resources(struct exchange *x, const struct armid *id);
void armscope_health(struct exchange *x, const struct armid *id);
void armscope_identity(struct exchange *x, const struct armid *id);
void armscope_user_identities(struct exchange *x, const struct armid *id);
void armscope_name_available(struct exchange *x, const struct armid *id);

/* armvault.c: vaults as Resource Manager shows them, their keys and versions. */
void armvault_vaults(struct exchange *x, const struct armid *id);
void armvault_keys(struct exchange *x, const struct armid *id);
void armvault_versions(struct exchange *x, const struct armid *id);

/* armroles.c: Microsoft.Authorization. */
void armroles_assignments(struct exchange *x, const struct armid *id);
void armroles_definitions(struct exchange *x, const struct armid *id);
void armroles_permissions(struct exchange *x, const struct armid *id);
void armroles_denials(struct exchange *x, const struct armid *id);

/* armlocks.c: management locks. */
void armlocks_handle(struct exchange *x, const struct armid *id);

#endif

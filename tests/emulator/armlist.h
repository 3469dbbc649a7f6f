#ifndef ARMLIST_H
#define ARMLIST_H

/* The generic list of resources of a subscription or a group, with its filters. */

struct exchange;

/**
 * armlist_answer(x, scope):
 * Answer with every resource below ${scope} that $filter lets through and the caller may read: id, name, type, location, tags, kind, identity.
 * Source: Microsoft.Resources, "Resources - List"; terms "FIELD eq 'VALUE'" of resourceType, name, resourceGroup and location, joined by "and".
 */
void armlist_answer(struct exchange *x, const char *scope);

#endif

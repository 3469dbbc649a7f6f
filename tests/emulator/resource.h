#ifndef RESOURCE_H
#define RESOURCE_H

/*
 * The resources that Resource Manager keeps, in the world's member "resources": an object from id in lower case to the resource as the newest api-version would
 * show it, with two members that no row names and so nobody is ever shown: "store" (see encryption.h) and "operation" (id of the one that is running).
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct world;

/**
 * resource_all(w):
 * Return all resources (borrowed).
 */
json_t *resource_all(struct world *w);

/**
 * resource_find(w, id):
 * Return the resource with the id ${id}, in any case of letters (borrowed), or NULL.
 */
json_t *resource_find(struct world *w, const char *id);

/**
 * resource_keep(w, id, resource):
 * Store ${resource}, whose reference is taken over, under ${id}, in place of what was there.
 */
void resource_keep(struct world *w, const char *id, json_t *resource);

/**
 * resource_remove(w, id):
 * Forget a resource, if there is one.
 */
void resource_remove(struct world *w, const char *id);

/**
 * resource_at(json, path):
 * Return what the dotted ${path} names in ${json} (borrowed), or NULL.
 */
json_t *resource_at(const json_t *json, const char *path);

/**
 * resource_text(json, path):
 * The same for a string; NULL if there is none or it is not one.
 */
const char *resource_text(const json_t *json, const char *path);

/**
 * resource_below(resource, scope):
 * Whether the id of ${resource} is ${scope} or lies below it, in any case of letters.
 */
bool resource_below(const json_t *resource, const char *scope);

/**
 * resource_part(id, type, out, size):
 * Copy the name that follows the word ${type} in ${id} ("workspaces" in ".../workspaces/w/fhirservices/f" gives "w") to ${out}. False if there is none.
 */
bool resource_part(const char *id, const char *type, char *out, size_t size) __attribute__((warn_unused_result));

#endif

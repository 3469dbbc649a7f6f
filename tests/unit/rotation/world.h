#ifndef WORLD_H
#define WORLD_H

#include "decide.h"

/*
 * Facts made by hand: a policy of a FHIR and a DICOM service, and an open rotation as far as a test wants it.  All of it lies in
 * one struct, so a test changes what it is about and leaves the rest.
 */

enum { WORLD_VERSIONS = 8, WORLD_SERVICES = 2 };

#define WORLD_NOW INT64_C(1795305600000)	/* 2026-11-22T00:00:00Z */
#define WORLD_VAULT "https://hospital.vault.azure.net"
#define WORLD_KEY WORLD_VAULT "/keys/radiology/"
#define WORLD_OLD WORLD_KEY "00000000000000000000000000000001"
#define WORLD_NEW WORLD_KEY "00000000000000000000000000000002"
#define WORLD_OTHER WORLD_KEY "00000000000000000000000000000003"
#define WORLD_KEK WORLD_VAULT "/keys/keyturn-kek/0000000000000000000000000000000a"
#define WORLD_ROTATION "00112233445566778899aabbccddeeff"
#define WORLD_WORKSPACE "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/rad/"
#define WORLD_FHIR WORLD_WORKSPACE "fhirservices/main"
#define WORLD_DICOM WORLD_WORKSPACE "dicomservices/pacs"

struct world {
	struct policy policy;
	struct policy_service policy_services[WORLD_SERVICES];
	struct history history;
	struct history_version known[WORLD_VERSIONS];
	struct history_service past[WORLD_SERVICES];
	struct facts facts;
	struct version_fact versions[WORLD_VERSIONS];
	struct service_fact services[WORLD_SERVICES];
};

/** An adopted version that both services name and that is fine; no rotation. Point into itself: do not copy it. */
void world_begin(struct world *world);

/** An open rotation whose steps before ${step} are done and look so. */
void world_open(struct world *world, enum step_id step);

/** The version of the rotation, as the vault shows it once it is there. */
struct version_fact *world_arrive(struct world *world);

/** One more version that the vault shows, readable, enabled, of nobody. */
struct version_fact *world_add(struct world *world, const char *kid);

/** Service ${index} names ${kid}, in that provisioning state. */
void world_point(struct world *world, size_t index, const char *kid, const char *state);

/** Decide, not forced. */
struct decision world_decide(const struct world *world);

#endif

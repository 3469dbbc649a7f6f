#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* A value that has a fingerprint; nothing here computes with it. */
static struct public_key
some_key(uint8_t seed)
{
	return (struct public_key){ .shape = { KEY_RSA, 3072 }, .spki_size = 2, .spki = { 0x30, seed } };
}

void
world_begin(struct world *world)
{
	static char name[] = "radiology-cmk", token[] = "pkcs11:token=hospital", url[] = WORLD_VAULT, key[] = "radiology",
	    kek[] = "keyturn-kek", fhir[] = "fhir", dicom[] = "dicom", main_id[] = WORLD_FHIR, pacs_id[] = WORLD_DICOM,
	    every[] = "P90D";
	struct fault fault;

	*world = (struct world){ .facts = { .now_ms = WORLD_NOW, .settling_ms = 60000, .vault_read = true } };
	world->policy = (struct policy){
		.name = name,
		.key = { .shape = { KEY_RSA, 3072 }, .token = token, .after_import = POLICY_SEAL,
			.recovery = POLICY_RECOVERY_NONE },
		.vault = { .url = url, .key_name = key, .kek = { .name = kek, .bits = 4096 } },
		.rotate = { .scheduled = true, .every_text = every },
		.services = world->policy_services,
		.service_count = WORLD_SERVICES,
	};
	assert_true(duration_parse(every, &world->policy.rotate.every, &fault));
	world->policy_services[0] = (struct policy_service){ .kind = fhir, .id = main_id, .probe = true };
	world->policy_services[1] = (struct policy_service){ .kind = dicom, .id = pacs_id, .probe = true };
	world->history.versions = world->known;
	world->history.services = world->past;
	world->history.service_count = WORLD_SERVICES;
	world->facts.policy = &world->policy;
	world->facts.history = &world->history;
	world->facts.versions = world->versions;
	world->facts.services = world->services;
	world->facts.service_count = WORLD_SERVICES;

	struct version_fact *old = world_add(world, WORLD_OLD);

	old->provenance = PROVENANCE_ADOPTED;
	old->proven = old->named = old->named_now = true;
	for (size_t i = 0; i < WORLD_SERVICES; i++) {
		strcpy(world->past[i].id, i == 0 ? WORLD_FHIR : WORLD_DICOM);
		world->services[i].policy = &world->policy_services[i];
		world->services[i].kind = service_kind_find(i == 0 ? "fhir" : "dicom");
		strcpy(world->services[i].name, i == 0 ? "main" : "pacs");
		strcpy(world->services[i].state.identity_type, "SystemAssigned");
		world_point(world, i, WORLD_OLD, "Succeeded");
	}
	world->facts.kek = (struct kek_fact){ .read = true, .found = true, .enrolled_known = true, .enrolled = true };
	strcpy(world->facts.kek.key.item.kid, WORLD_KEK);
}

struct version_fact *
world_add(struct world *world, const char *kid)
{
	struct version_fact *version = &world->versions[world->facts.version_count++];
	struct fault fault;

	*version = (struct version_fact){ .exists = true, .of_policy_key = true, .material_read = true };
	snprintf(version->kid, sizeof version->kid, "%s", kid);
	snprintf(version->version, sizeof version->version, "%s", strrchr(kid, '/') + 1);
	snprintf(version->key.item.kid, sizeof version->key.item.kid, "%s", kid);
	strcpy(version->key.kty, "RSA-HSM");
	version->key.item.enabled = true;
	version->key.item.created = WORLD_NOW / 1000 - 86400;
	version->key.ops = VAULT_OP_WRAP | VAULT_OP_UNWRAP;
	version->key.has_public_key = true;
	version->key.public_key = some_key((uint8_t)world->facts.version_count);
	assert_true(publickey_fingerprint(&version->key.public_key, version->fingerprint, &fault));
	return version;
}

void
world_point(struct world *world, size_t index, const char *kid, const char *state)
{
	struct service_fact *service = &world->services[index];

	service->read = true;
	strcpy(service->state.key_url, kid);
	strcpy(service->state.provisioning_state, state);
}

struct version_fact *
world_arrive(struct world *world)
{
	struct version_fact *version = world_add(world, WORLD_NEW);

	strcpy(version->rotation_tag, WORLD_ROTATION);
	strcpy(version->fingerprint, world->history.rotation.fingerprint);
	version->key.public_key = world->facts.hsm.key.public_key;
	version->provenance = PROVENANCE_HSM;
	return version;
}

static void
open_key(struct world *world)
{
	struct hsm_fact *hsm = &world->facts.hsm;
	struct fault fault;

	*hsm = (struct hsm_fact){ .read = true, .found = true };
	hsm->key = (struct hsm_key){ .shape = { KEY_RSA, 3072 }, .has_private = true, .has_public = true,
		.has_public_key = true, .public_key = some_key(0x77) };
	assert_true(publickey_fingerprint(&hsm->key.public_key, world->history.rotation.fingerprint, &fault));
}

void
world_open(struct world *world, enum step_id step)
{
	struct history_rotation *rotation = &world->history.rotation;

	*rotation = (struct history_rotation){ .open = true, .started_ms = WORLD_NOW - 1000 };
	strcpy(rotation->id, WORLD_ROTATION);
	for (enum step_id i = STEP_READY; i < step && i <= STEP_SEAL; i++)
		rotation->done[i] = true;
	for (size_t i = 0; i < WORLD_SERVICES; i++) {
		world->past[i].before_known = true;
		world->past[i].baseline = SERVICE_PROBE_ANSWERS;
		strcpy(world->past[i].before, WORLD_OLD);
	}
	if (step > STEP_KEK)
		strcpy(rotation->kek_kid, WORLD_KEK);
	if (step > STEP_GENERATE)
		open_key(world);
	if (step > STEP_WRAP) {
		strcpy(rotation->wrap_kek_kid, WORLD_KEK);
		strcpy(rotation->blob_sha256, "b10b");
		world->facts.blob = (struct blob_fact){ .present = true, .sha256 = "b10b" };
	}
	if (step > STEP_IMPORT) {
		rotation->intent_ms[STEP_IMPORT] = WORLD_NOW - 500;
		strcpy(rotation->kid, WORLD_NEW);
		world_arrive(world)->proven = step > STEP_PROVE;
	}
}

struct decision
world_decide(const struct world *world)
{
	struct decision decision;

	decide(&world->facts, false, &decision);
	return decision;
}

// What node.sh asks of the Node SDK. Each part prints its checks, and the first that fails ends the program.

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { HealthcareApisManagementClient } from "@azure/arm-healthcareapis";
import { ClientSecretCredential } from "@azure/identity";
import { KeyClient } from "@azure/keyvault-keys";

const { tenant, client_id, client_secret_file, subscription, fhir, dicom, service, vault } = process.env;

// One check.
function check(what, wanted, got) {
	if (!isDeepStrictEqual(wanted, got)) {
		console.log(`not ok - ${what}\n  wanted: ${JSON.stringify(wanted)}\n  got:    ${JSON.stringify(got)}`);
		process.exit(1);
	}
	console.log(`ok - ${what}`);
}

// The status and code of the error that a call ends with.
async function refusal(call) {
	try {
		await call();
	} catch (error) {
		return [error.statusCode, error.code ?? error.name];
	}
	return "not refused";
}

// Everything of a list, page after page.
async function all(pages) {
	const found = [];
	for await (const one of pages)
		found.push(one);
	return found;
}

// The client of the emulator's directory; its secret comes from the file that the ready file names.
const credential = new ClientSecretCredential(tenant, client_id, readFileSync(client_secret_file, "ascii").trim());
const keys = new KeyClient(vault, credential);

// Write a key as the vault's REST interface shows it, as far as pem.py reads it.
function save(key, path) {
	const members = { kid: key.id, kty: key.keyType, crv: key.key.crv };
	for (const name of ["n", "e", "x", "y"])
		if (key.key[name])
			members[name] = Buffer.from(key.key[name]).toString("base64url");
	writeFileSync(path, JSON.stringify({ key: members }));
}

// A .byok file as the SDK wants it: the whole file is the member "t", which it sends as key_hsm.
function byok(bytes, kty, curve) {
	return { kty, crv: curve || undefined, t: bytes };
}

// The blob with another last byte of its ciphertext.
function changed(path) {
	const members = JSON.parse(readFileSync(path, "ascii"));
	const raw = Buffer.from(members.ciphertext, "base64url");
	raw[raw.length - 1] ^= 1;
	return Buffer.from(JSON.stringify({ ...members, ciphertext: raw.toString("base64url") }));
}

const parts = {
	// Make a key exchange key and save it.
	async kek(path) {
		const made = await keys.createRsaKey("kek", { hsm: true, keySize: 2048, keyOps: ["import"] });
		check("KeyClient.createRsaKey makes a key exchange key", ["RSA-HSM", ["import"]], [made.keyType, made.keyOperations]);
		check("KeyClient.getKey shows it", made.id, (await keys.getKey("kek")).id);
		save(made, path);
	},

	// Import a .byok file of keyturn's and save what the vault made of it.
	async import(name, kty, curve, blob, path) {
		const made = await keys.importKey(name, byok(readFileSync(blob), kty, curve), { hardwareProtected: true });
		check(`KeyClient.importKey takes keyturn's blob of an ${kty} key`, [name, kty], [made.name, made.keyType]);
		save(made, path);
	},

	// Wrap with the imported key's public half, which the SDK does by itself, and unwrap, which the vault does.
	async use(name) {
		const user = keys.getCryptographyClient(name);
		const secret = randomBytes(32);
		for (const algorithm of ["RSA-OAEP", "RSA-OAEP-256"]) {
			const wrapped = await user.wrapKey(algorithm, secret);
			const unwrapped = await user.unwrapKey(algorithm, wrapped.result);
			check(`CryptographyClient wraps and unwraps with ${algorithm}`, secret.toString("hex"), Buffer.from(unwrapped.result).toString("hex"));
		}
	},

	// Rotate, list, disable and enable versions.
	async versions(name) {
		const first = await keys.getKey(name);
		const second = await keys.rotateKey(name);
		check("KeyClient.rotateKey makes another version", [true, second.id], [first.id !== second.id, (await keys.getKey(name)).id]);
		const ids = (await all(keys.listPropertiesOfKeyVersions(name))).map((found) => found.id);
		check("KeyClient.listPropertiesOfKeyVersions lists both", [first.id, second.id].sort(), ids.sort());
		const names = (await all(keys.listPropertiesOfKeys())).map((found) => found.name);
		check("KeyClient.listPropertiesOfKeys lists the keys", ["cmk", "kek", "signing"], names.sort());

		const version = first.properties.version;
		const off = await keys.updateKeyProperties(name, version, { enabled: false, tags: { why: "test" } });
		check("KeyClient.updateKeyProperties disables a version", [false, { why: "test" }], [off.properties.enabled, off.properties.tags]);
		const user = keys.getCryptographyClient(name, { keyVersion: version });
		check("a disabled version unwraps nothing", [403, "Forbidden"], await refusal(() => user.unwrapKey("RSA-OAEP", Buffer.alloc(384))));
		const on = await keys.updateKeyProperties(name, version, { enabled: true });
		check("KeyClient.updateKeyProperties enables it again", true, on.properties.enabled);
	},

	// What must not work, with the statuses and codes that the SDK shows.
	async refusals(blob) {
		const import_ = (bytes, kty, curve) => () => keys.importKey("wrong", byok(bytes, kty, curve), { hardwareProtected: true });
		check("a missing key is not found", [404, "KeyNotFound"], await refusal(() => keys.getKey("missing")));
		check("a blob of an RSA key is no EC key", [400, "BadParameter"], await refusal(import_(readFileSync(blob), "EC-HSM", "P-256")));
		check("a blob with a changed byte is refused", [400, "BadParameter"], await refusal(import_(changed(blob), "RSA-HSM")));
	},

	// Give the FHIR service the imported key, change nothing else, and read the others.
	async services(name) {
		const client = new HealthcareApisManagementClient(credential, subscription);
		const [group, workspace, called] = [4, 8, 10].map((place) => fhir.split("/")[place]);
		const before = await client.fhirServices.get(group, workspace, called);
		check("HealthcareApisManagementClient shows the FHIR service", [fhir, "Succeeded"], [before.id, before.provisioningState]);

		const [version] = await all(keys.listPropertiesOfKeyVersions(name));
		const encryption = { customerManagedKeyEncryption: { keyEncryptionKeyUrl: version.id } };
		const after = await client.fhirServices.beginCreateOrUpdateAndWait(group, workspace, called, { ...before, encryption });
		check("it gives the service the imported key and waits for the operation", ["Succeeded", encryption], [after.provisioningState, after.encryption]);
		const rest = ({ etag, systemData, encryption, ...others }) => others;
		check("it changed nothing else that this SDK knows of", rest(before), rest(after));

		const wrong = { customerManagedKeyEncryption: { keyEncryptionKeyUrl: "https://example.com/keys/a/b" } };
		check("it is refused a URL that is no key's", 400,
			(await refusal(() => client.fhirServices.beginCreateOrUpdateAndWait(group, workspace, called, { ...after, encryption: wrong })))[0]);
		const tagged = await client.fhirServices.beginUpdateAndWait(group, called, workspace, { tags: { owner: "node" } });
		check("it tags a service and waits for the operation", { owner: "node" }, tagged.tags);
		const listed = [client.fhirServices, client.dicomServices].map((kind) => all(kind.listByWorkspace(group, workspace)));
		check("it lists the FHIR and DICOM services", [fhir, dicom], (await Promise.all(listed)).flat().map((one) => one.id));
		const account = await client.services.get(service.split("/")[4], service.split("/")[8]);
		check("it shows the older account", service, account.id);
	},
};

await parts[process.argv[2]](...process.argv.slice(3));

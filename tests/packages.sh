# Sourced: installs what building and testing need on Debian 12, if it is missing.
#
#   packages_need NAME…   install those that are not there, as root or through sudo, saying so first

packages_build="gcc libc6-dev cmake ninja-build pkg-config libp11-dev libp11-kit-dev libssl-dev libcurl4-openssl-dev
	libjansson-dev"
packages_play="softhsm2 libmicrohttpd-dev libgnutls28-dev openssl curl jq"
packages_test="libcmocka-dev clang valgrind strace python3 python3-jsonschema libnss3 libnss3-tools opensc"
packages_clients="azure-cli python3-azure python3-cryptography nodejs npm"

# Node and npm often come from elsewhere than Debian, and in one package: then the command is what counts.
packages_command() {
	case $1 in
	nodejs) command -v node >/dev/null ;;
	npm) command -v npm >/dev/null ;;
	*) false ;;
	esac
}

packages_missing() {
	for package in "$@"; do
		packages_command "$package" || dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
	done
}

packages_need() {
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		as_root=sudo
		command -v sudo >/dev/null || { echo "Not root and no sudo; as root run: apt-get install $missing" >&2; return 1; }
	fi
	echo "Installing Debian packages: $missing"
	# One update for fresh machines, whose lists may be empty or old.
	$as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing" \
		>"${TMPDIR:-/tmp}/keyturn-packages.$$" 2>&1 || { cat "${TMPDIR:-/tmp}/keyturn-packages.$$" >&2; return 1; }
	rm -f "${TMPDIR:-/tmp}/keyturn-packages.$$"
}

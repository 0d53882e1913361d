#!/usr/bin/env bash
# Installs what building, testing and looking at the window need on Debian or Ubuntu: a C compiler, the X11 and OpenGL
# headers, a virtual display, tools to drive it, a websocket client and readers of workbooks of other hands. Does nothing when all is there. Uses root or sudo, and says what it does.
# deps.sh test adds what only the tests need: LibreOffice takes 200 MB of the disk.
set -euo pipefail

packages=(gcc pkg-config libgl1-mesa-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
	xvfb xdotool x11-utils imagemagick python3-websockets)
# readers has the modules of node that the tests read workbooks with.
readers=$(cd "$(dirname "$0")/.." && pwd)/build/readers
modules() {
	[ -d "$readers/node_modules/xlsx" ] && return
	mkdir -p "$readers"
	npm install --prefix "$readers" --no-audit --no-fund --silent xlsx@0.18.5
}
want_modules=:
if [ "${1:-}" = test ]; then
	packages+=(libreoffice-calc-nogui python3-openpyxl poppler-utils)
	command -v npm >/dev/null || packages+=(nodejs npm)
	want_modules=modules
fi

missing=()
for p in "${packages[@]}"; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
if [ ${#missing[@]} -eq 0 ]; then
	$want_modules
	exit 0
fi

if ! command -v apt-get >/dev/null; then
	echo "deps: this system has no apt-get; install by hand: ${missing[*]}" >&2
	exit 1
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: missing ${missing[*]}; run as root, or install sudo" >&2
		exit 1
	fi
	root=(sudo)
fi
echo "deps: installing with apt-get: ${missing[*]}"
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
$want_modules

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # Its variables are used by those who source it.
# What tools/run, tools/test and the other scripts share: sourced, not run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# To build the program (Debian 12 and 13, any architecture).
build_packages=(
  g++ cmake ninja-build pkgconf
  libmbedtls-dev libsrtp2-dev libcjson-dev libwebsockets-dev libopenh264-dev libturbojpeg0-dev
  libyaml-dev libyuv-dev
)

# To build and run the unit tests, with every compiler and sanitizer. The riscv64 compiler makes
# rv32 code too; the C++ headers that go with it are the target-neutral ones of the Arm package.
unit_test_packages=(
  libgtest-dev libgmock-dev libusrsctp-dev python3 iproute2 ccache
  clang libclang-rt-dev llvm
  gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf libstdc++-arm-none-eabi-dev
)

# To run it all: browsers, a second Debian, and for the interop tests routers, a TURN server and its
# certificate.
test_packages=(
  "${unit_test_packages[@]}"
  chromium firefox-esr ca-certificates
  iptables nftables procps util-linux coturn openssl valgrind shellcheck
  mmdebstrap debian-archive-keyring
)

# Node.js from elsewhere brings its own npm, and Debian's package would conflict with it.
command -v npm >/dev/null || test_packages+=(nodejs npm)

# For the part vm alone.
vm_test_packages=(qemu-system-x86 busybox-static cpio kmod xz-utils gcc make)

# Where roots and sysroots come from: the archive that this machine itself is installed from. Without
# updates and security, which are not always in step with it.
debian_archive() {
  # shellcheck disable=SC2016 # The parentheses are apt-get's.
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1
}

say() { printf '\n== %s\n' "$*" >&2; }

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Runs a command as root, by sudo where we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo: $*"
  fi
}

# missing_packages NAME...: prints those that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    # Without /proc or a database that can be read this says no, and apt-get then says why.
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
      printf '%s\n' "$name"
    fi
  done
}

# install_packages NAME...: installs what is missing; quick when nothing is.
install_packages() {
  if ! command -v apt-get >/dev/null; then
    fail "this is not Debian: install what gives you these packages, then run CMake by hand: $*"
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${missing[*]}"
  as_root apt-get update -q >&2 || say "apt-get update failed; trying with the lists that are here"
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get could not install: ${missing[*]}"
}

# How many compilers run at once: one a core, but no more than memory has room for.
job_count() {
  local cores kilobytes
  cores=$(nproc)
  kilobytes=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null || true)
  local fit=$((${kilobytes:-1000000} / 700000))
  [ "$fit" -ge 1 ] || fit=1
  [ "$fit" -lt "$cores" ] && echo "$fit" || echo "$cores"
}

# configure PRESET: makes build/PRESET/build.ninja, once; ninja renews it by itself.
configure() {
  [ -f "$root/build/$1/build.ninja" ] && return 0
  (cd "$root" && cmake --preset "$1" >&2) || fail "CMake failed for the preset $1"
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  configure "$preset"
  ninja -C "$root/build/$preset" -j "$(job_count)" "$@" >&2 || fail "the $preset build failed"
}

# Shared by ./demo, ./test and ./gridtally. Sourced, not run.
# Each of them does all the set-up it needs: Debian packages, front ends, build.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
configuration=Release
executable=$root/artifacts/gridtally/gridtally

die() { printf '%s\n' "$*" >&2; exit 1; }

# need_sdk: the two things that the scripts do not install.
need_sdk() {
  command -v dotnet >/dev/null || die "The .NET 10 SDK is missing: install it from https://dot.net and put 'dotnet' on the PATH."
  (cd "$root" && dotnet --version >/dev/null 2>&1) || die "$(cd "$root" && dotnet --version 2>&1; echo 'Install the .NET SDK 10 that global.json asks for.')"
  command -v node >/dev/null || die "Node 20 or newer is missing: install it (on Debian: apt-get install nodejs npm, or from https://nodejs.org)."
  command -v npm >/dev/null || die "npm is missing: install it together with Node 20."
  local major; major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [ "$major" -ge 20 ] || die "Node $(node --version) is too old; the front ends need Node 20 or newer."
}

# need_packages probe=package…: installs Debian packages whose probe is not there. A probe is a command, or a file that starts with /.
need_packages() {
  local missing=() entry probe
  for entry in "$@"; do
    probe=${entry%%=*}
    case $probe in
      /*) compgen -G "$probe" >/dev/null || missing+=("${entry#*=}") ;;
      *) command -v "$probe" >/dev/null || missing+=("${entry#*=}") ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian packages: ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"${TMPDIR:-/tmp}/gridtally-apt.log" 2>&1 \
      || die "apt-get could not install ${missing[*]}; see ${TMPDIR:-/tmp}/gridtally-apt.log"
  else
    die "Missing Debian packages. Run:  sudo apt-get update && sudo apt-get install -y ${missing[*]}"
  fi
}

need_runtime_packages() { need_packages '/usr/lib/*/libsqlite3.so.0=libsqlite3-0'; }

# up_to_date stamp: true where nothing that the programs are made of is newer than the stamp.
up_to_date() {
  [ -e "$1" ] && [ -z "$(cd "$root" && find src tests bench fuzz web scripts samples *.props global.json Gridtally.slnx \
    \( -name node_modules -o -name dist -o -name obj -o -name bin \) -prune -o -type f -newer "$1" -print -quit 2>/dev/null)" ]
}

# run_dotnet_build stamp arguments…: runs dotnet with them unless the stamp is up to date; shows only what went wrong.
run_dotnet_build() {
  local stamp=$root/artifacts/$1 log; shift
  up_to_date "$stamp" && return
  echo "Building (the first time this takes a few minutes) ..." >&2
  log=$(mktemp)
  if ! (cd "$root" && dotnet "$@" -c "$configuration" -v q -nologo) >"$log" 2>&1; then
    grep -E 'error|warning' "$log" | sort -u | head -40 >&2 || cat "$log" >&2
    rm -f "$log"
    die "The build failed."
  fi
  rm -f "$log"
  mkdir -p "$root/artifacts"
  touch "$stamp"
}

# build_all: every project, for the tests.
build_all() { run_dotnet_build .built-all build Gridtally.slnx -clp:NoSummary; }

# build_executable: what users run, see src/Gridtally.Cli/Gridtally.Cli.csproj.
build_executable() {
  local architecture=x64
  [ "$(uname -m)" != aarch64 ] || architecture=arm64
  run_dotnet_build .built-executable publish src/Gridtally.Cli -r "linux-$architecture" -o "$root/artifacts/gridtally"
}

#!/bin/sh
# Releases an image and waits until the commit runs in the clusters.
#
#   sh ci/release.sh --api payments --env prod --image IMAGE --build-number N --remote URL
#
# All arguments go to `onramp bump-image`. Its JSON is the only thing on standard output. It needs onramp, git, jq, and the
# client of what it waits for. What it waits for is said in variables:
#
#   WAIT_FOR        argocd, flux, kubectl, several of them one after the other, or none. Left out: argocd.
#   WAIT_CLUSTERS   argocd: the clusters of the environment. Applications are called <api>-<environment>-<cluster>, as
#                   `onramp render` calls them.
#   WAIT_APPS       argocd, flux: Applications or Kustomizations by name, instead.
#   WAIT_NAMESPACE  flux: where the Kustomizations are. Left out: flux-system.
#   WAIT_KIND       kubectl: deployment, statefulset or daemonset. Left out: deployment.
#   WAIT_CONTEXTS   kubectl: contexts of the kubeconfig, one for each cluster. Left out: the current one.
#   WAIT_TIMEOUT    How long to wait in all, in seconds. Left out: 600.
#   WAIT_INTERVAL   How long between two looks, in seconds. Left out: 10.
#   WAIT_TRIES      How often to try where the time of `bump-image` was over before it landed. Left out: 3.
#
# Ends with 0 where the release runs, or where there was nothing to do; with the code of `bump-image` where nothing landed; with
# 5 where it landed and does not run: it failed, or the time was over.
# shellcheck disable=SC2016 # The dollars in quotes are jq's.
set -eu

wait_for=${WAIT_FOR:-argocd}
timeout=${WAIT_TIMEOUT:-600}
interval=${WAIT_INTERVAL:-10}
tries=${WAIT_TRIES:-3}
kind=${WAIT_KIND:-deployment}

# Everything told goes to standard error. A line never starts with what a cluster says: a CI could take it for a command.
say() { printf 'release: %s\n' "$*" | tr -d '\r' >&2; }

usage() {
  say "error: $*"
  exit 2
}

# What is missing is said before anything lands.
case $timeout$interval$tries in
*[!0-9]*) usage "WAIT_TIMEOUT, WAIT_INTERVAL and WAIT_TRIES are whole numbers" ;;
esac
for tool in onramp git jq; do
  command -v "$tool" >/dev/null || usage "there is no $tool on the PATH"
done
for engine in $wait_for; do
  case $engine in
  none) continue ;;
  argocd) [ -n "${WAIT_APPS-}${WAIT_CLUSTERS-}" ] || usage "set WAIT_CLUSTERS or WAIT_APPS, or WAIT_FOR=none" ;;
  flux) [ -n "${WAIT_APPS-}" ] || usage "set WAIT_APPS to the Kustomizations, or WAIT_FOR=none" ;;
  kubectl) ;;
  *) usage "WAIT_FOR is argocd, flux, kubectl or none, and not $engine" ;;
  esac
  command -v "$engine" >/dev/null || usage "there is no $engine on the PATH"
done
case " $wait_for " in
*" flux "*) command -v kubectl >/dev/null || usage "there is no kubectl on the PATH, which is asked what flux applied" ;;
esac

# The directory of the config repo, for the way back. The JSON does not say it.
directory=${ONRAMP_DIRECTORY-} previous=
for word; do
  [ "$previous" != --directory ] || directory=$word
  case $word in --directory=*) directory=${word#*=} ;; esac
  previous=$word
done

# Lands the release. Code 4 says that the time was over: to run it again is safe.
try=1
while :; do
  code=0
  answer=$(onramp bump-image "$@" --format json) || code=$?
  if [ "$code" -ne 4 ] || [ "$try" -ge "$tries" ]; then break; fi
  try=$((try + 1))
  say "the time was over before it landed; try $try of $tries"
done
[ -z "$answer" ] || printf '%s\n' "$answer"
[ "$code" -eq 0 ] || exit "$code"

field() { printf '%s\n' "$answer" | jq -r "$@"; }

outcome=$(field .outcome)
branch=$(field .branch)
# An address without its user, which git finds elsewhere: see docs/ci.md.
remote=$(field '.remote // "" | sub("://\\*\\*\\*@"; "://")')
commit=$(field '.commit // ""')
which=changed
case $outcome in
landed) ;;
nothing)
  # After a try that nobody could say of whether it landed, it may be ours that is there.
  if [ "$try" -eq 1 ]; then
    say "nothing to do: it is released already"
    exit 0
  fi
  commit=$(git ls-remote -- "$remote" "refs/heads/$branch" | cut -f1)
  which=nothing
  ;;
superseded)
  say "nothing to do: a newer release is there"
  exit 0
  ;;
pr)
  say "pushed to $branch: open a pull request from it"
  exit 0
  ;;
*)
  say "nothing landed: $outcome"
  exit 0
  ;;
esac
[ "$wait_for" != none ] || exit 0
[ -n "$remote" ] || usage "the commit is only here, and no cluster will see it: give --push or --remote"
say "landed $commit on $branch; waiting up to ${timeout}s for $wait_for"

until=$(($(date +%s) + timeout))
# Never 0, which is for ever to kubectl.
left() {
  seconds=$((until - $(date +%s)))
  echo $((seconds > 0 ? seconds : 1))
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

red() {
  say "error: $*"
  say "the commit $commit is on $branch and stays there. To take it back:"
  field --arg which "$which" --arg directory "$directory" --arg remote "$remote" '
    . as $all
    | [.changes[] | select(.outcome == $which) | [.api, .environment]] | unique[]
    | "release:   onramp rollback " + (.[0] | @sh) + " --env " + (.[1] | @sh)
      + " --remote " + ($remote | @sh) + " --branch " + ($all.branch | @sh)
      + if $directory == "" then "" else " --directory " + ($directory | @sh) end' >&2
  exit 5
}

# pause WHY: until the next look, or the end of the time.
pause() {
  [ $((until - $(date +%s))) -gt "$interval" ] || red "the time is over: $1"
  sleep "$interval"
}

# holds REVISION: whether it is the commit, or one that comes after it.
holds() {
  [ "$1" != "$commit" ] || return 0
  case $1 in *[!0-9a-f]* | '') return 1 ;; esac
  repo=$scratch/repo
  if [ ! -d "$repo" ]; then
    format=sha1
    [ "${#commit}" -ne 64 ] || format=sha256
    git init --quiet --bare --object-format="$format" "$repo"
    git --git-dir="$repo" config remote.origin.url "$remote"
  fi
  # Commits alone, where the server allows it.
  GIT_NO_LAZY_FETCH=1 git --git-dir="$repo" cat-file -e "$1^{commit}" 2>/dev/null ||
    git --git-dir="$repo" fetch --quiet --filter=tree:0 origin "+refs/heads/$branch:refs/heads/$branch" 2>"$scratch/git" ||
    say "git fetch: $(tr '\n' ' ' <"$scratch/git")"
  GIT_NO_LAZY_FETCH=1 git --git-dir="$repo" merge-base --is-ancestor "$commit" "$1" 2>/dev/null
}

# The Applications or Kustomizations of the release.
apps() {
  if [ -n "${WAIT_APPS-}" ]; then
    printf '%s\n' "$WAIT_APPS"
    return
  fi
  field --arg which "$which" --arg clusters "$WAIT_CLUSTERS" '
    [.changes[] | select(.outcome == $which) | "\(.api)-\(.environment)-"] | unique[] as $app
    | $clusters | splits("\\s+") | select(. != "") | $app + .'
}

# `argocd app wait` alone would be content with the release before, which is synced and healthy.
wait_argocd() {
  for app in $(apps); do
    while :; do
      seen="$app: argocd does not answer"
      if argocd app get "$app" --refresh --output json >"$scratch/app" 2>"$scratch/error" &&
        jq --exit-status .status "$scratch/app" >/dev/null 2>>"$scratch/error"; then
        at=-
        for revision in $(jq -r '.status.sync | ([.revision] + (.revisions // []))[] | strings' "$scratch/app"); do
          if holds "$revision"; then at=$revision; fi
        done
        state=$(jq -r '.status | "\(.sync.status) \(.health.status) \(.operationState.phase)"' "$scratch/app")
        seen="$app: $state, $(jq -r '.status.sync.revision // "no revision"' "$scratch/app")"
        case "$at $state" in
        '- '*) ;;
        *' Synced Healthy Running') ;;
        *' Synced Healthy '*)
          say "$app runs $at"
          break
          ;;
        *' Failed' | *' Error')
          ran=$(jq -r '.status.operationState | .syncResult.revision // .operation.sync.revision // ""' "$scratch/app")
          if holds "$ran"; then
            red "$app: the sync failed: $(jq -r '.status.operationState.message // ""' "$scratch/app" | tr '\n' ' ')"
          fi
          ;;
        esac
      else
        seen="$seen: $(tr '\n' ' ' <"$scratch/error")"
      fi
      pause "$seen"
    done
  done
}

wait_flux() {
  namespace=${WAIT_NAMESPACE:-flux-system}
  for app in $(apps); do
    while :; do
      # It fails where the objects do not get ready, and says why; whether it may yet is what the time is for.
      flux reconcile kustomization "$app" --namespace "$namespace" --with-source --timeout "$(left)s" \
        >"$scratch/error" 2>&1 || true
      seen="$app: kubectl does not answer"
      if kubectl get kustomizations.kustomize.toolkit.fluxcd.io "$app" --namespace "$namespace" --output json \
        >"$scratch/app" 2>>"$scratch/error"; then
        # As in main@sha1:<commit>.
        at=$(jq -r '.status.lastAppliedRevision // "" | sub(".*[:/]"; "")' "$scratch/app")
        ready=$(jq -r '[.status.conditions[]? | select(.type == "Ready") | .status][0] // "Unknown"' "$scratch/app")
        seen="$app: ready is $ready, applied is ${at:-nothing}"
        if [ "$ready" = True ] && holds "$at"; then
          say "$app runs $at"
          break
        fi
      fi
      pause "$seen: $(tail -n 1 "$scratch/error")"
    done
  done
}

# wait_workload NAMESPACE NAME CONTAINER IMAGE CONTEXT, and the arguments of the release.
wait_workload() {
  space=$1 name=$2 container=$3 image=$4 context=$5
  shift 5
  first=
  while :; do
    seen="$kind $name: kubectl does not answer"
    if kubectl get "$kind" "$name" --namespace "$space" ${context:+--context "$context"} --output json \
      >"$scratch/app" 2>"$scratch/error"; then
      runs=$(jq -r --arg name "$container" '
        [.spec.template.spec | (.containers, .initContainers // [])[] | select(.name == $name) | .image][0] // "nothing"' \
        "$scratch/app")
      first=${first:-$runs}
      seen="$kind $name: $container is $runs"
      [ "$runs" != "$image" ] || break
      # Something else came: perhaps a newer release, which leaves nothing to wait for.
      if [ "$runs" != "$first" ] &&
        onramp bump-image "$@" --dry-run --format json 2>/dev/null | jq --exit-status '.outcome == "superseded"' >/dev/null; then
        say "$seen, which is a newer release"
        break
      fi
    else
      seen="$seen: $(tr '\n' ' ' <"$scratch/error")"
    fi
    pause "$seen"
  done
  # `rollout status` alone would be content with the rollout before.
  kubectl rollout status "$kind/$name" --namespace "$space" ${context:+--context "$context"} --timeout="$(left)s" \
    >"$scratch/error" 2>&1 || red "$kind $name: $(tail -n 1 "$scratch/error")"
  say "$kind $name in $space${context:+ of $context}: $(tail -n 1 "$scratch/error")"
}

wait_kubectl() {
  field --arg which "$which" '.changes[] | select(.outcome == $which) | "\(.namespace) \(.deployment) \(.container) \(.new)"' \
    >"$scratch/changes"
  # The list comes by a descriptor of its own, since the programs in the loop may read what stands in standard input.
  while read -r space name container image <&3; do
    for context in ${WAIT_CONTEXTS:--}; do
      wait_workload "$space" "$name" "$container" "$image" "${context#-}" "$@"
    done
  done 3<"$scratch/changes"
}

for engine in $wait_for; do
  [ "$engine" = none ] || "wait_$engine" "$@"
done

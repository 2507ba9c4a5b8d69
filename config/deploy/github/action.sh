#!/usr/bin/env bash
# The action's one step: a run, its words in the job's summary, its commit pushed. Inputs come as variables, never as code.
set -uo pipefail
: "${SYNC:?}" "${COMMAND:=run}" "${POSTMORTEM:=}" "${DRY_RUN:=false}" "${PUSH:=false}"

case "$COMMAND" in
  run) arguments=(run) ;;
  doctor) arguments=(doctor) ;;
  *)
    echo "::error::command is $COMMAND, must be run or doctor"
    exit 2
    ;;
esac
if [ "$COMMAND" = run ]; then
  references=()
  while IFS= read -r line; do
    if [ -n "$line" ]; then references+=("$line"); fi
  done <<<"$POSTMORTEM"
  if [ "${#references[@]}" -gt 0 ]; then arguments=(--postmortem "${references[@]}"); fi
  if [ "$DRY_RUN" = true ]; then
    arguments+=(--dry-run)
    PUSH=false
  fi
  if [ "$PUSH" = true ]; then arguments+=(--commit); fi
fi

export GIT_AUTHOR_NAME="${GIT_AUTHOR_NAME:-postmortem-sync}"
export GIT_AUTHOR_EMAIL="${GIT_AUTHOR_EMAIL:-postmortem-sync@users.noreply.github.com}"
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"

before=$(git rev-parse HEAD 2>/dev/null)
{
  echo '```text'
  "$SYNC" "${arguments[@]}"
  status=$?
  echo '```'
  exit "$status"
} | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
status=${PIPESTATUS[0]}

# What was written is pushed whatever else failed: the tickets exist.
if [ "$COMMAND" = run ] && [ "$PUSH" = true ] && [ "$(git rev-parse HEAD 2>/dev/null)" != "$before" ]; then
  branch="${GITHUB_HEAD_REF:-${GITHUB_REF_NAME:-$(git branch --show-current)}}"
  # Somebody may have pushed meanwhile; a conflict is left to the next run, which reads what they wrote.
  if ! git push --quiet origin "HEAD:refs/heads/$branch"; then
    if ! { git pull --quiet --rebase origin "$branch" && git push --quiet origin "HEAD:refs/heads/$branch"; }; then
      git rebase --abort 2>/dev/null
      echo "::error::The documents were not pushed to $branch; the next run writes them again."
      [ "$status" -ne 0 ] || status=1
    fi
  fi
fi
echo "exit-status=$status" >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$status"

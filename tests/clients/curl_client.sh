#!/usr/bin/env bash
# One API call with nothing but curl and openssl, signed with TC3-HMAC-SHA256:
#
#   curl_client.sh HOST:PORT SERVICE VERSION ACTION < params.json
#
# The key is in $OPENVOD_SECRET_ID, $OPENVOD_SECRET_KEY and $OPENVOD_TOKEN. Prints the answer as it comes; an error comes
# with HTTP 200 like any other, and ends this with 1.
set -euo pipefail

host=$1 service=$2 version=$3 action=$4 body=$(cat)
type='application/json; charset=utf-8'
hash() { openssl dgst -sha256 | sed 's/^.*= //'; }
hmac() { openssl dgst -sha256 -mac HMAC -macopt "$1" | sed 's/^.*= //'; }

now=$(date +%s) date=$(date -u +%F -d "@$now")
scope=$date/$service/tc3_request
lower=$(printf %s "$action" | tr '[:upper:]' '[:lower:]')
signed='content-type;host;x-tc-action'
canonical=$(printf 'POST\n/\n\ncontent-type:%s\nhost:%s\nx-tc-action:%s\n\n%s\n%s' \
    "$type" "$host" "$lower" "$signed" "$(printf %s "$body" | hash)")
to_sign=$(printf 'TC3-HMAC-SHA256\n%s\n%s\n%s' "$now" "$scope" "$(printf %s "$canonical" | hash)")
derived=$(printf %s "$date" | hmac "key:TC3$OPENVOD_SECRET_KEY")
derived=$(printf %s "$service" | hmac "hexkey:$derived")
derived=$(printf tc3_request | hmac "hexkey:$derived")
signature=$(printf %s "$to_sign" | hmac "hexkey:$derived")
answer=$(curl -sS "http://$host/" --data-raw "$body" \
    -H "Content-Type: $type" -H "X-TC-Action: $action" -H "X-TC-Version: $version" -H "X-TC-Timestamp: $now" \
    -H 'X-TC-Region: ap-guangzhou' ${OPENVOD_TOKEN:+-H "X-TC-Token: $OPENVOD_TOKEN"} -H "Authorization: \
TC3-HMAC-SHA256 Credential=$OPENVOD_SECRET_ID/$scope, SignedHeaders=$signed, Signature=$signature")
echo "$answer"
case $answer in '{"Response":{"Error":'*) exit 1 ;; esac

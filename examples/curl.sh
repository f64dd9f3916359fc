#!/usr/bin/env bash
# The whole walk with nothing but curl and openssl: upload a file, make English subtitles, print them.
#
#   OPENVOD_SECRET_ID=… OPENVOD_SECRET_KEY=… OPENVOD_SUB_APP_ID=… examples/curl.sh http://127.0.0.1:9000 talk.mp4
set -euo pipefail

endpoint=${1:?the address of the server} file=${2:?a video or audio file}
host=${endpoint#http://}
id=${OPENVOD_SECRET_ID:?} key=${OPENVOD_SECRET_KEY:?} app=${OPENVOD_SUB_APP_ID:?}

hash() { openssl dgst "-$1" | sed 's/^.*= //'; }
hmac() { openssl dgst -sha256 -mac HMAC -macopt "$1" | sed 's/^.*= //'; }
hmac_sha1() { openssl dgst -sha1 -hmac "$1" | sed 's/^.*= //'; }
field() { sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'; }

# One API call, signed with TC3-HMAC-SHA256: api ACTION JSON. An error comes with HTTP 200 too; it ends the walk.
api() {
    local now date scope canonical to_sign derived signature answer
    now=$(date +%s) date=$(date -u -d "@$now" +%F)
    scope=$date/vod/tc3_request
    canonical=$(printf 'POST\n/\n\ncontent-type:application/json\nhost:%s\n\ncontent-type;host\n%s' \
        "$host" "$(printf %s "$2" | hash sha256)")
    to_sign=$(printf 'TC3-HMAC-SHA256\n%s\n%s\n%s' "$now" "$scope" "$(printf %s "$canonical" | hash sha256)")
    derived=$(printf %s "$date" | hmac "key:TC3$key")
    derived=$(printf vod | hmac "hexkey:$derived")
    derived=$(printf tc3_request | hmac "hexkey:$derived")
    signature=$(printf %s "$to_sign" | hmac "hexkey:$derived")
    answer=$(curl -sS "$endpoint/" -H 'Content-Type: application/json' -H "X-TC-Action: $1" -H 'X-TC-Version: 2018-07-17' \
        -H "X-TC-Timestamp: $now" -d "$2" \
        -H "Authorization: TC3-HMAC-SHA256 Credential=$id/$scope, SignedHeaders=content-type;host, Signature=$signature")
    case $answer in '{"Response":{"Error":'*) echo "$1: $answer" >&2 && return 1 ;; esac
    echo "$answer"
}

# The file itself, signed as COS wants it: put APPLY_UPLOAD_ANSWER
put() {
    local path tmp_id tmp_key token span to_sign signature
    path=$(field MediaStoragePath <<<"$1") token=$(field Token <<<"$1")
    tmp_id=$(field SecretId <<<"$1") tmp_key=$(field SecretKey <<<"$1")
    span="$(date +%s);$(($(date +%s) + 3600))"
    to_sign=$(printf 'sha1\n%s\n%s\n.' "$span" "$(printf 'put\n%s\n\n\n' "$path" | hash sha1)")
    signature=$(printf %s "${to_sign%.}" | hmac_sha1 "$(printf %s "$span" | hmac_sha1 "$tmp_key")")
    curl -sSf -o /dev/null -T "$file" "$endpoint$path" -H "x-cos-security-token: $token" -H "Authorization: \
q-sign-algorithm=sha1&q-ak=$tmp_id&q-sign-time=$span&q-key-time=$span&q-header-list=&q-url-param-list=&q-signature=$signature"
}

applied=$(api ApplyUpload "{\"SubAppId\":$app,\"MediaType\":\"${file##*.}\"}")
put "$applied"
session=$(field VodSessionKey <<<"$applied")
file_id=$(api CommitUpload "{\"SubAppId\":$app,\"VodSessionKey\":\"$session\"}" | field FileId)
echo "FileId $file_id" >&2

asked="{\"SubAppId\":$app,\"FileId\":\"$file_id\",\"SmartSubtitlesTask\":{\"Definition\":200}}"
task=$(api ProcessMediaByMPS "$asked" | field TaskId)
echo "TaskId $task" >&2

while answer=$(api DescribeTaskDetail "{\"TaskId\":\"$task\"}") || exit 1
    [ "$(field Status <<<"${answer%%ProcessMediaByMPSTask*}")" != FINISH ]; do
    sleep 1
done
link=$(sed -n 's/.*\\"SubtitlePath\\":\\"\([^"\\]*\).*/\1/p' <<<"$answer")
[ -n "$link" ] || { echo "no subtitles: $(grep -o '"Message":"[^"]*"' <<<"$answer")" >&2 && exit 1; }
curl -sSf "$link"

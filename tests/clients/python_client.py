"""The official Python SDK, asked line by line: `python python_client.py HOST:PORT [--async] [--sign v1-method]`.

A call as JSON comes in, what the SDK gave or raised goes out (see `asking`). Runs in a venv that has nothing else: the
China and the international package have the same modules. A field that the SDK does not know is an error here.
"""

import argparse
import asyncio
import json
import sys
import warnings

from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.mps.v20190612 import models as mps_models
from tencentcloud.mps.v20190612 import mps_client
from tencentcloud.vod.v20180717 import models as vod_models
from tencentcloud.vod.v20180717 import vod_client

MODELS = {"vod": vod_models, "mps": mps_models}


def client_of(call, given):
    """The SDK's client for a call, with the call's key."""
    profile = ClientProfile(
        httpProfile=HttpProfile(protocol="http", endpoint=given.address), language="en-US"
    )
    if given.sign:
        profile.signMethod, profile.httpProfile.reqMethod = given.sign, "GET"
    key = credential.Credential(call["secret_id"], call["secret_key"], call["token"] or None)
    classes = ASYNC if given.asynchronous else {"vod": vod_client.VodClient, "mps": mps_client.MpsClient}
    return classes[call["service"]](key, "ap-guangzhou", profile)


def request_of(call):
    """The SDK's own object for a request."""
    request = getattr(MODELS[call["service"]], call["action"] + "Request")()
    request.from_json_string(json.dumps(call["params"]))
    return request


def ask(client, call):
    if call["typed"]:
        return json.loads(getattr(client, call["action"])(request_of(call)).to_json_string())
    return client.call_json(call["action"], call["params"])["Response"]


async def ask_async(client, call):
    async with client:
        if call["typed"]:
            answer = await getattr(client, call["action"])(request_of(call))
            return json.loads(answer.to_json_string())
        return (await client.call_and_deserialize(call["action"], call["params"]))["Response"]


def told(call, given):
    try:
        client = client_of(call, given)
        return {"answer": asyncio.run(ask_async(client, call)) if given.asynchronous else ask(client, call)}
    except Exception as error:  # whatever it is, it is what a user of the SDK would have met
        facts = {"code": "code", "message": "message", "request_id": "requestId"}
        refusal = {name: getattr(error, attribute, "") or "" for name, attribute in facts.items()}
        refusal["message"] = refusal["message"] or str(error)
        return {"refusal": {"how": type(error).__name__, **refusal}}


parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--async", dest="asynchronous", action="store_true")
parser.add_argument("--sign")
arguments = parser.parse_args()
if arguments.asynchronous:
    from tencentcloud.mps.v20190612 import mps_client_async
    from tencentcloud.vod.v20180717 import vod_client_async

    ASYNC = {"vod": vod_client_async.VodClient, "mps": mps_client_async.MpsClient}
warnings.simplefilter("error", UserWarning)  # "fileds are useless"
for line in sys.stdin:
    sys.stdout.write(json.dumps(told(json.loads(line), arguments)) + "\n")
    sys.stdout.flush()

// The official Node SDK, asked line by line: `node node_client.js HOST:PORT`.
// A call as JSON comes in, what the SDK gave or threw goes out (see asking.py). The SDK is where NODE_PATH says.
"use strict";
const readline = require("readline");
const services = {
    vod: require("tencentcloud-sdk-nodejs-vod").vod.v20180717.Client,
    mps: require("tencentcloud-sdk-nodejs-mps").mps.v20190612.Client,
};
const endpoint = process.argv[2];

async function told(call) {
    const client = new services[call.service]({
        credential: { secretId: call.secret_id, secretKey: call.secret_key, token: call.token || undefined },
        region: "ap-guangzhou",
        profile: { language: "en-US", httpProfile: { protocol: "http://", endpoint } },
    });
    try {
        const answer = call.typed ? client[call.action](call.params) : client.request(call.action, call.params);
        return { answer: await answer };
    } catch (error) {
        const { code = "", message, requestId = "" } = error;
        return { refusal: { how: error.constructor.name, code, message, request_id: requestId } };
    }
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        process.stdout.write(JSON.stringify(await told(JSON.parse(line))) + "\n");
    }
})();

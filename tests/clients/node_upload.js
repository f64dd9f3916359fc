// The stock `vod-node-sdk` as its documentation uses it: `node_upload.js SUB_APP_ID FILE [COVER]` prints the FileId.
// The key is in $OPENVOD_SECRET_ID and $OPENVOD_SECRET_KEY, the SDK where NODE_PATH says. Nothing in here knows of any
// other address than the vendor's; `node --require redirect.js` leads it elsewhere.
"use strict";
const { VodUploadClient, VodUploadRequest } = require("vod-node-sdk");

const [subAppId, media, cover] = process.argv.slice(2);
const client = new VodUploadClient(process.env.OPENVOD_SECRET_ID, process.env.OPENVOD_SECRET_KEY);
const request = new VodUploadRequest();
request.SubAppId = Number(subAppId);
request.MediaFilePath = media;
if (cover) request.CoverFilePath = cover;
client.upload("ap-guangzhou", request, (error, answer) => {
    if (error) {
        console.error(error);
        process.exitCode = 1;
    } else {
        console.log(answer.FileId);
    }
});

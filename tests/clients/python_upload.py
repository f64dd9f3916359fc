"""The stock `vod-python-sdk` as its documentation uses it: `python_upload.py SUB_APP_ID FILE [COVER]` prints the FileId.

The key is in $OPENVOD_SECRET_ID and $OPENVOD_SECRET_KEY. Nothing in here knows of any other address than the vendor's.
"""

import os
import sys

from qcloud_vod.model import VodUploadRequest
from qcloud_vod.vod_upload_client import VodUploadClient

client = VodUploadClient(os.environ["OPENVOD_SECRET_ID"], os.environ["OPENVOD_SECRET_KEY"])
request = VodUploadRequest()
request.SubAppId = int(sys.argv[1])
request.MediaFilePath = sys.argv[2]
if sys.argv[3:]:
    request.CoverFilePath = sys.argv[3]
sys.stdout.write(client.upload("ap-guangzhou", request).FileId + "\n")

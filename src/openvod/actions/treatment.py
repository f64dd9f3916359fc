"""Which fields of a request are accepted without effect, or refused? All others are honoured.

`docs/COVERAGE.md` is made from this, and a test holds every line of it, and every field that is not in it, against what
the handlers really read.
"""

from collections.abc import Mapping

_RESERVED = "reserved by the API; no meaning is documented"
_ENDED = "the API itself has ended it"
_ONE_PLACE = "there is one place where media lie"
_NO_CLOUD = "results go into the library of the application; a warning is kept with the task"

NO_EFFECT: Mapping[str, str] = {
    "ApplyUploadRequest.ExtInfo": _RESERVED,
    "ApplyUploadRequest.MediaStoragePath": "the storage path is chosen here; files are found by FileId",
    "ApplyUploadRequest.SessionContext": "it would return in the event of a Procedure, of which there are none",
    "ApplyUploadRequest.StorageRegion": _ONE_PLACE,
    "ConfirmEventsRequest.ExtInfo": _RESERVED,
    "CreateSubAppIdRequest.Type": "there is one edition",
    "ModifyMediaInfoRequest.ClearKnowledgeBases": "there are no knowledge bases",
    "ModifyMediaInfoRequest.DeleteKnowledgeBases": "there are no knowledge bases",
    "ProcessMediaByMPSRequest.ExtInfo": f"{_RESERVED}; it is kept with the task",
    "PullEventsRequest.ExtInfo": _RESERVED,
    "PullUploadRequest.ExtInfo": f"{_RESERVED}; it is kept with the task",
    "PullUploadRequest.MediaStoragePath": "the storage path is chosen here; files are found by FileId",
    "PullUploadRequest.StorageRegion": _ONE_PLACE,
    "SearchMediaRequest.Vid": _ENDED,
    "SearchMediaRequest.Vids": _ENDED,
    "SmartEraseTaskInput.OutputObjectPath": _NO_CLOUD,
    "SmartEraseTaskInput.OutputStorage": _NO_CLOUD,
    "SmartSubtitlesTaskInput.OutputObjectPath": _NO_CLOUD,
    "SmartSubtitlesTaskInput.OutputStorage": _NO_CLOUD,
    "SmartSubtitlesTaskInput.UserExtPara": "not documented; a warning is kept with the task",
}
"""`Structure.Field` with the reason why nothing depends on it. Its type and limits are checked all the same."""

REFUSED: Mapping[str, str] = {
    "ApplyUploadRequest.Procedure": "InvalidParameterValue.Procedure",
    "PullUploadRequest.Procedure": "InvalidParameterValue.Procedure",
}
"""`Structure.Field` with the code that answers any value but an empty one: to forget what was asked for would be worse."""

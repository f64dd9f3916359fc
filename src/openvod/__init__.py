"""A self-hosted media AI service that speaks the wire of Tencent Cloud VOD's ProcessMediaByMPS."""

__version__ = "0.1.0"

"""Which work of an erasure needs a model? The words for it in the message that one is missing."""

from openvod.core.texts import Text

TEXT = Text("erasing subtitles", "擦除字幕")
LOGO = Text("telling watermarks from filmed text and subtitles", "区分水印与画面文字、字幕")
CHECK = Text("looking at the result of an erasure", "检查擦除结果")

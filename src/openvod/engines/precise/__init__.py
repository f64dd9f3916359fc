"""Changes of shots judged a second time, by a network, where the detector's own rules leave doubt.

The network is TransNetV2 (Soucek and Lokoc, TransNet V2: An effective deep network architecture for fast shot transition
detection, 2020), whose weights the operator may install; without them nothing here is used.
"""

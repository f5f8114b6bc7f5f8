"""A stand-in for a Cisco Meeting Server, made from the samples of its API guide.

It hands out no more than ten of a collection at a time, whatever is asked for.
"""

from __future__ import annotations

import httpx

from tests.conference.bridges.server import Server

PAGE = 10
STATUS = """<?xml version="1.0"?>
<status><softwareVersion>3.8.1</softwareVersion><uptimeSeconds>86400</uptimeSeconds>
<activated>true</activated><clusterEnabled>false</clusterEnabled>
<callLegsActive>12</callLegsActive><callLegsMaxActive>64</callLegsMaxActive>
<audioBitRateIncoming>768000</audioBitRateIncoming></status>"""
LEG = """<?xml version="1.0"?>
<callLeg id="leg-{n}"><name>Xã {n:02d}</name><remoteParty>xa-{n:02d}@tinh.test</remoteParty>
<call>call-1</call><status><state>connected</state><durationSeconds>55</durationSeconds>
<rxAudio><codec>opus</codec><packetLossPercentage>0.0</packetLossPercentage><jitter>2</jitter>
<bitRate>64000</bitRate></rxAudio>
<txAudio><codec>opus</codec><packetLossPercentage>0.0</packetLossPercentage><jitter>1</jitter>
<roundTripTime>23</roundTripTime><bitRate>64000</bitRate></txAudio>
<rxVideo role="main"><codec>h264</codec><width>1280</width><height>720</height>
<packetLossPercentage>2.5</packetLossPercentage><jitter>12</jitter><bitRate>1048576</bitRate></rxVideo>
<rxVideo role="presentation"><codec>h264</codec><packetLossPercentage>0.0</packetLossPercentage>
<jitter>3</jitter><bitRate>262144</bitRate></rxVideo>
</status></callLeg>"""

CALL = (
    '<call id="call-1"><name>Giao ban</name><durationSeconds>60</durationSeconds>'
    "<numCallLegs>12</numCallLegs><numParticipantsLocal>12</numParticipantsLocal>"
    "<numParticipantsRemote>0</numParticipantsRemote></call>"
)
COLLECTIONS: dict[str, list[str]] = {
    "/system/alarms": [],
    "/calls": ['<call id="call-1"><name>Giao ban</name></call>'],
    "/callLegs": [f'<callLeg id="leg-{n}"><name>Xã</name></callLeg>' for n in range(1, 13)],
}


class CmsServer(Server):
    """One call with twelve legs."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path in COLLECTIONS:
            return self.page(request, path.rpartition("/")[2], COLLECTIONS[path])
        # The twelfth leg left after it was listed.
        if path.startswith("/callLegs/leg-") and path != "/callLegs/leg-12":
            return httpx.Response(200, text=LEG.format(n=int(path.rpartition("-")[2])))
        known = {"/system/status": STATUS, "/calls/call-1": CALL}
        return httpx.Response(200, text=known[path]) if path in known else httpx.Response(404)

    def page(self, request: httpx.Request, root: str, items: list[str]) -> httpx.Response:
        offset = int(request.url.params.get("offset", "0"))
        own = items[offset : offset + min(PAGE, int(request.url.params.get("limit", "10")))]
        return httpx.Response(
            200, text=f'<?xml version="1.0"?><{root} total="{len(items)}">{"".join(own)}</{root}>'
        )

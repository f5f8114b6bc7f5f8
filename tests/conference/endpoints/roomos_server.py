"""A stand-in for a Cisco codec, made from the xAPI's published status."""

from __future__ import annotations

import httpx

from tests.conference.bridges.server import Server

STATUS = """<?xml version="1.0"?>
<Status product="Cisco Codec" version="ce9.15">
<Diagnostics>{faults}</Diagnostics>
<H323><Gatekeeper><Status>Inactive</Status><Reason></Reason></Gatekeeper></H323>
<MediaChannels><Call item="5">
<Channel item="1"><Type>Video</Type><Direction>Outgoing</Direction>
<Netstat><ChannelRate>1843200</ChannelRate><Jitter>3</Jitter><MaxJitter>9</MaxJitter>
<Loss>12</Loss><Packets>48211</Packets><LastIntervalLost>5</LastIntervalLost>
<LastIntervalReceived>495</LastIntervalReceived></Netstat>
<Video><ChannelRole>Main</ChannelRole></Video></Channel>
<Channel item="2"><Type>Audio</Type><Direction>Incoming</Direction>
<Netstat><ChannelRate>64000</ChannelRate><Jitter>1</Jitter><Loss>0</Loss>
<Packets>9001</Packets></Netstat></Channel>
</Call></MediaChannels>
<SIP><Registration item="1"><Status>Registered</Status><Reason></Reason>
<URI>xa-01@tinh.test</URI></Registration></SIP>
<SystemUnit><Software><Version>ce9.15.3</Version></Software>
<State><NumberOfActiveCalls>1</NumberOfActiveCalls></State><Uptime>86400</Uptime></SystemUnit>
</Status>"""
FAULT = (
    '<Message item="1"><Description>{text}</Description><Level>{level}</Level>'
    "<Type>{kind}</Type></Message>"
)


class RoomOsServer(Server):
    """Answers `/status.xml`; `faults` are level, type and description of its diagnostics."""

    faults: tuple[tuple[str, str, str], ...] = ()

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/status.xml":
            return httpx.Response(404)
        told = [FAULT.format(level=one, kind=kind, text=text) for one, kind, text in self.faults]
        body = STATUS.format(faults="".join(told))
        return httpx.Response(200, text=body, headers={"Content-Type": "text/xml"})

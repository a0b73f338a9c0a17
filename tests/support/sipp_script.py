"""SIPp scenarios from a few words for each message, as a ladder is read.

``> INVITE sdp | Subject: x`` sends, ``< 200 | Reason: .*cause=16`` waits and looks at a header, or
at the ``Body``; ``?`` makes what is waited for optional. A response answers the latest request, or
the one it names (``> 200 INVITE sdp``). ``wait 100`` lets milliseconds pass.
"""

from __future__ import annotations

from html import escape

SDP = """v=0
o=sipp 1 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
{direction}"""
BODIES = {
    "sdp": ("application/sdp", SDP.format(version=1, direction="")),
    "hold": ("application/sdp", SDP.format(version=2, direction="a=sendonly\n")),
    "stop": ("application/sdp", SDP.format(version=2, direction="a=inactive\n")),
    "back": ("application/sdp", SDP.format(version=3, direction="a=sendrecv\n")),
    "odd": ("application/sdp", SDP.format(version=2, direction="").replace("PCMU", "NONE")),
    "text": ("text/plain", "hello\n"),
    "done": ("message/sipfrag", "SIP/2.0 200 OK\n"),
}
PHRASES = {180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted"}
MINE = "sip:sipp@[local_ip]:[local_port]"
CONTACT = f"Contact: <{MINE};transport=[transport]>"


class Script:
    """One party's part; `xml` is what SIPp reads."""

    def __init__(self, *steps: str) -> None:
        self._steps = steps
        self._called = steps[0].startswith("<")
        self._cseq = 0
        self._status = 0
        self._method = ""
        self._named = 0
        self._transaction = ""

    @property
    def xml(self) -> str:
        """The scenario."""
        steps = "".join(self._step(step) for step in self._steps)
        names = ["me", "you", "via", "number"] if self._called else []
        names += [f"x{count + 1}" for count in range(self._named)]
        known = f'  <Reference variables="{",".join(names)}"/>\n' if names else ""
        head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="script">\n'
        return f"{head}{steps}{known}</scenario>\n"

    def _step(self, step: str) -> str:
        line, *headers = [part.strip() for part in step.split(" | ")]
        direction, *words = line.split()
        if direction == "wait":
            return f'  <pause milliseconds="{words[0]}"/>\n'
        if direction == "<":
            return self._receive(words[0], headers)
        status = words[0].isdecimal()
        return (self._response if status else self._request)(words[0], words[1:], headers)

    def _receive(self, what: str, headers: list[str]) -> str:
        optional = ' optional="true"' if what.endswith("?") else ""
        what = what.rstrip("?")
        actions = ""
        for header in headers:
            name, _, wanted = header.partition(": ")
            self._named += 1
            where = "body" if name == "Body" else f'hdr" header="{name}:'
            actions += (
                f'      <ereg regexp="{escape(wanted)}" search_in="{where}"'
                f' check_it="true" assign_to="x{self._named}"/>\n'
            )
        if what.isdecimal():
            self._status = int(what)
            kind = f'response="{what}" rrs="true"'
            if self._transaction and int(what) >= 200:
                kind += f' response_txn="{self._transaction}"'
        else:
            self._method = what
            kind = f'request="{what}" rrs="true"'
            if what == "INVITE" and self._called:
                for name, header in (
                    ("me", "To"),
                    ("you", "From"),
                    ("via", "Via"),
                    ("number", "CSeq"),
                ):
                    actions += (
                        f'      <ereg regexp="[^ ].*" search_in="hdr" header="{header}:"'
                        f' assign_to="{name}"/>\n'
                    )
        inside = f">\n    <action>\n{actions}    </action>\n  </recv>" if actions else "/>"
        return f"  <recv {kind}{optional}{inside}\n"

    def _request(self, method: str, bodies: list[str], headers: list[str]) -> str:
        via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
        if method == "ACK" and self._status >= 300:
            via = "[last_Via:]"
        if method != "ACK":
            self._cseq += 1
        begins = method != "ACK" and self._cseq == 1 and not self._called
        uri = "sip:[service]@[remote_ip]:[remote_port]" if begins else "[next_url]"
        if self._called:
            parties = ["From: [$me];tag=[pid]callee[call_number]", "To: [$you]"]
        elif method == "ACK":
            parties = [f"From: <{MINE}>;tag=[pid]caller[call_number]", "[last_To:]"]
            uri = uri if self._status < 300 else "sip:[service]@[remote_ip]:[remote_port]"
        else:
            to = "To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]"
            parties = [f"From: <{MINE}>;tag=[pid]caller[call_number]", to]
        lines = [f"{method} {uri} SIP/2.0", via, *([] if begins else ["[routes]"]), *parties]
        lines += ["Call-ID: [call_id]", f"CSeq: {self._cseq} {method}", CONTACT, "Max-Forwards: 70"]
        options = "" if method == "ACK" else ' retrans="500"'
        self._transaction = "" if method in ("ACK", "INVITE") else f"{method}{self._cseq}"
        if self._transaction:
            options += f' start_txn="{self._transaction}"'
        return _send(lines + headers, bodies, options)

    def _response(self, status: str, words: list[str], headers: list[str]) -> str:
        method = self._method
        if words and words[0].isupper():
            method, words = words[0], words[1:]
        tag = next((word[4:] for word in words if word.startswith("tag=")), "[pid]callee")
        bodies = [word for word in words if not word.startswith("tag=")]
        first = f"SIP/2.0 {status} {PHRASES.get(int(status), 'Whatever')}"
        if method == "INVITE" and self._called:
            lines = [first, "Via: [$via]", "From: [$you]", f"To: [$me];tag={tag}[call_number]"]
            lines += ["Call-ID: [call_id]", "CSeq: [$number]"]
        else:
            lines = [first, "[last_Via:]", "[last_From:]", "[last_To:]"]
            lines += ["[last_Call-ID:]", "[last_CSeq:]"]
        reliable = any(header.startswith("RSeq:") for header in headers)
        repeats = method == "INVITE" and (int(status) >= 200 or reliable)
        return _send([*lines, CONTACT, *headers], bodies, ' retrans="500"' if repeats else "")


def _send(lines: list[str], bodies: list[str], options: str) -> str:
    kind, body = BODIES[bodies[0]] if bodies else ("", "")
    lines += [f"Content-Type: {kind}"] if kind else []
    text = "\n".join([*lines, "Content-Length: [len]", "", body])
    return f"  <send{options}>\n    <![CDATA[\n{text}\n    ]]>\n  </send>\n"

//! The few SIP messages a load needs, written and read as text (RFC 3261).

use std::net::SocketAddr;

use crate::{digits, secure, voice};

/// The value of a header of a message, by its full name in any case.
pub fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.split("\r\n").skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found
            .trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim())
    })
}

/// The status of a response; None for a request.
pub fn status(message: &str) -> Option<u16> {
    message.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}

/// The method that a message is about: its own, or that of its CSeq.
pub fn method(message: &str) -> &str {
    header(message, "CSeq")
        .and_then(|value| value.split_whitespace().nth(1))
        .unwrap_or("")
}

/// Where the far end wants its audio.
pub fn media_address(message: &str) -> Option<SocketAddr> {
    let body = message.split_once("\r\n\r\n")?.1;
    let address = body
        .lines()
        .find_map(|line| line.strip_prefix("c=IN IP4 "))?;
    let port = body
        .lines()
        .find_map(|line| line.strip_prefix("m=audio "))?
        .split(' ')
        .next()?;
    format!("{}:{}", address.trim(), port).parse().ok()
}

/// The URI between the angle brackets of a Contact.
pub fn contact_uri(message: &str) -> Option<&str> {
    let value = header(message, "Contact")?;
    let start = value.find('<')? + 1;
    value[start..].split('>').next()
}

/// A session description with one codec, with telephone events where keys are pressed, and with
/// our key where packets are to be protected.
pub fn description(address: SocketAddr, payload_type: u8, srtp: bool, keys: bool) -> String {
    let name = match payload_type {
        voice::PAYLOAD_TYPE => "opus/48000/2",
        8 => "PCMA/8000",
        _ => "PCMU/8000",
    };
    let (profile, key) = if srtp {
        ("RTP/SAVP", secure::line())
    } else {
        ("RTP/AVP", String::new())
    };
    let events_type = digits::PAYLOAD_TYPE;
    let (also, events) = if keys {
        let line = format!("a=rtpmap:{events_type} telephone-event/8000\r\n");
        (format!(" {events_type}"), line)
    } else {
        Default::default()
    };
    format!(
        "v=0\r\no=load 1 1 IN IP4 {ip}\r\ns=load\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio {port} {profile} {payload_type}{also}\r\na=rtpmap:{payload_type} {name}\r\n\
         {events}a=ptime:20\r\n{key}",
        ip = address.ip(),
        port = address.port(),
    )
}

/// One side of a dialog with what its requests need.
pub struct Party {
    pub local: SocketAddr,
    pub call_id: String,
    pub from: String,
    pub to: String,
    /// Where requests within the dialog are addressed.
    pub target: String,
}

impl Party {
    /// A request; `branch` must be new for each but the ACK of a refusal.
    pub fn request(&self, method: &str, cseq: u32, branch: &str, body: &str) -> String {
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let number = if method == "ACK" { "ACK" } else { method };
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch}\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {id}\r\n\
             CSeq: {cseq} {number}\r\nContact: <sip:load@{local}>\r\n{kind}\
             Content-Length: {length}\r\n\r\n{body}",
            uri = self.target,
            local = self.local,
            from = self.from,
            to = self.to,
            id = self.call_id,
            length = body.len(),
        )
    }
}

/// A response to `request` with a tag of ours.
pub fn response(request: &str, line: &str, contact: SocketAddr, body: &str) -> String {
    let mut message = format!("SIP/2.0 {line}\r\n");
    for copied in request.split("\r\n").skip(1) {
        if copied.is_empty() {
            break;
        }
        let name = copied.split(':').next().unwrap_or("").to_ascii_lowercase();
        match name.as_str() {
            "via" | "from" | "call-id" | "cseq" | "record-route" => {
                message += copied;
                message += "\r\n";
            }
            "to" => {
                message += copied;
                if !copied.contains("tag=") {
                    message += ";tag=load";
                }
                message += "\r\n";
            }
            _ => {}
        }
    }
    if !body.is_empty() {
        message += "Content-Type: application/sdp\r\n";
    }
    message += &format!(
        "Contact: <sip:load@{contact}>\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\ncontact: \"x\" <sip:a@1.2.3.4:5>;q=1\r\n\
        Content-Length: 9\r\n\r\nv=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 7000 RTP/AVP 0\r\n";

    #[test]
    fn a_response_is_read() {
        assert_eq!(status(OK), Some(200));
        assert_eq!(method(OK), "INVITE");
        assert_eq!(contact_uri(OK), Some("sip:a@1.2.3.4:5"));
        assert_eq!(media_address(OK), Some("1.2.3.4:7000".parse().unwrap()));
    }

    #[test]
    fn a_description_names_its_codec_and_its_key() {
        let address = "127.0.0.1:7000".parse().unwrap();
        let plain = description(address, 0, false, false);
        assert!(plain.contains("m=audio 7000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"));
        let opus = description(address, voice::PAYLOAD_TYPE, true, false);
        assert!(opus.contains("RTP/SAVP 96\r\na=rtpmap:96 opus/48000/2\r\n"));
        assert!(opus.ends_with(&secure::line()) && !plain.contains("crypto"));
        let keys = description(address, 0, false, true);
        assert!(keys.contains("RTP/AVP 0 101\r\n") && keys.contains(":101 telephone-event/8000"));
    }

    #[test]
    fn a_response_copies_what_it_must() {
        let local = "127.0.0.1:5090".parse().unwrap();
        let party = Party {
            local,
            call_id: "1".into(),
            from: "<sip:a@b>;tag=1".into(),
            to: "<sip:c@d>".into(),
            target: "sip:c@d".into(),
        };
        let request = party.request("INVITE", 1, "x", "v=0\r\n");
        let answer = response(&request, "200 OK", local, "");
        assert_eq!(header(&answer, "To"), Some("<sip:c@d>;tag=load"));
        assert_eq!(header(&answer, "Via"), header(&request, "Via"));
        assert_eq!(status(&request), None);
    }
}

//! Negotiated parameters, read from any Python object that has the attributes.

use std::net::{IpAddr, SocketAddr};

use engine::parameters::{CodecParameters, Parameters};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Read an object that is shaped like `RtpParameters`.
pub fn extract(object: &Bound<'_, PyAny>) -> PyResult<Parameters> {
    let mut codecs = Vec::new();
    for codec in object.getattr("codecs")?.try_iter()? {
        codecs.push(extract_codec(&codec?)?);
    }
    let parameters = Parameters {
        remote_address: extract_address(object, "remote_address")?,
        remote_rtcp_address: extract_address(object, "remote_rtcp_address")?,
        codecs,
        telephone_event: object.getattr("telephone_event")?.extract()?,
        telephone_event_receive: object.getattr("telephone_event_receive")?.extract()?,
        send: object.getattr("send")?.extract()?,
        receive: object.getattr("receive")?.extract()?,
        symmetric: object.getattr("symmetric")?.extract()?,
        timeout_ms: object.getattr("timeout_ms")?.extract()?,
        rtcp_interval_ms: object.getattr("rtcp_interval_ms")?.extract()?,
        rtcp_mux: object.getattr("rtcp_mux")?.extract()?,
        transparent: object.getattr("transparent")?.extract()?,
        bare: object.getattr("bare")?.extract()?,
    };
    parameters.check().map_err(PyValueError::new_err)?;
    Ok(parameters)
}

/// Read an IP address in its usual form.
pub fn parse_ip(text: &str) -> PyResult<IpAddr> {
    text.parse()
        .map_err(|_| PyValueError::new_err(format!("{text:?} is not an IP address")))
}

fn extract_codec(object: &Bound<'_, PyAny>) -> PyResult<CodecParameters> {
    Ok(CodecParameters {
        payload_type: object.getattr("payload_type")?.extract()?,
        name: object
            .getattr("name")?
            .extract::<String>()?
            .to_ascii_uppercase(),
        clock_rate: object.getattr("clock_rate")?.extract()?,
        channels: object.getattr("channels")?.extract()?,
        ptime: object.getattr("ptime")?.extract()?,
        fmtp: object.getattr("fmtp")?.extract()?,
    })
}

fn extract_address(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<SocketAddr>> {
    let pair: Option<(String, u16)> = object.getattr(name)?.extract()?;
    let address = pair.map(|(ip, port)| Ok::<_, PyErr>(SocketAddr::new(parse_ip(&ip)?, port)));
    address.transpose()
}

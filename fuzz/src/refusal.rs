//! Error responses of STS and its emulators.

use arbitrary::Arbitrary;
use http::{Response, StatusCode};

#[derive(Arbitrary, Debug)]
pub struct Refusal<'a> {
    pub status: u16,
    form: Form,
    pub code: &'a str,
    pub message: &'a str,
    pub id: &'a str,
}

#[derive(Arbitrary, Debug)]
enum Form {
    Sts,
    Ec2,
    Bare,
}

impl Refusal<'_> {
    /// The response; `None` if it cannot be written, or its text would not be shown unchanged.
    pub fn to_response(&self) -> Option<Response<String>> {
        // XML cannot contain U+0000, and the secret of a quoted request is redacted.
        let is_told = |text: &str| !text.contains('\0') && !text.contains("x-amz-security-token:");
        if ![self.code, self.message, self.id].into_iter().all(is_told) {
            return None;
        }
        let error = element("Code", self.code) + &element("Message", self.message);
        let id = element("RequestId", self.id);
        let body = match self.form {
            Form::Sts => format!("<ErrorResponse><Error>{error}</Error>{id}</ErrorResponse>"),
            Form::Ec2 => format!("<Response><Errors><Error>{error}</Error></Errors>{id}</Response>"),
            Form::Bare => format!("<Error>{error}{id}</Error>"),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).ok()?;
        Some(response)
    }
}

fn element(name: &str, text: &str) -> String {
    let text: String = text.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect();
    format!("<{name}>{text}</{name}>")
}

//! What makes a type an STS operation.

use crate::{
    query::{Body, Query, ToQuery},
    validate::InvalidInput,
    xml::FromXml,
};

/// The version of the STS API, sent with every request.
pub const API_VERSION: &str = "2011-06-15";

/// An STS operation: the members to send, and the type of what comes back.
///
/// The trait is open. An operation that this crate does not know yet takes a struct and two mappings:
///
/// ```
/// use sts_core::{Operation, query::{Query, ToQuery}, validate::Rule, xml::{Element, FromXml, ParseError}};
///
/// struct GetFortune<'a> {
///     name: &'a str,
/// }
///
/// struct GetFortuneOutput {
///     fortune: String,
/// }
///
/// impl Operation for GetFortune<'_> {
///     const NAME: &'static str = "GetFortune";
///     type Output = GetFortuneOutput;
/// }
///
/// impl ToQuery for GetFortune<'_> {
///     fn to_query(&self, query: &mut Query) {
///         query.put("Name", self.name, Rule::length(1, 64));
///     }
/// }
///
/// impl FromXml for GetFortuneOutput {
///     fn from_xml(x: Element<'_, '_>) -> Result<Self, ParseError> {
///         Ok(Self { fortune: x.get("Fortune")? })
///     }
/// }
/// # assert_eq!(
/// #     GetFortune { name: "me" }.to_body().unwrap().expose(),
/// #     b"Action=GetFortune&Version=2011-06-15&Name=me"
/// # );
/// ```
pub trait Operation: ToQuery {
    /// The `Action` of the request, and the stem of the response's element names.
    const NAME: &'static str;

    /// Whether the request is signed.
    const AUTH: Auth = Auth::SigV4;

    /// Read from the response's `…Result` element.
    type Output: FromXml;

    /// The request's body, each member held against its rule.
    ///
    /// # Errors
    /// Members break their rules; the error lists all of them.
    fn to_body(&self) -> Result<Body, InvalidInput> {
        let mut query = Query::new(Self::NAME, API_VERSION);
        self.to_query(&mut query);
        query.finish()
    }

    /// The request's body, whatever its members break. The service has the last word.
    fn to_body_unchecked(&self) -> Body {
        let mut query = Query::unchecked(Self::NAME, API_VERSION);
        self.to_query(&mut query);
        query.finish_unchecked()
    }
}

/// How an operation proves who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// The request is signed with the caller's credentials.
    SigV4,
    /// A token or an assertion inside the request is the proof; credentials are not even looked for.
    None,
}

//! The trait of STS operations.

use crate::{
    query::{Body, Query, ToQuery},
    validate::InvalidInput,
    xml::FromXml,
};

/// The version of the STS API, sent with every request.
pub const API_VERSION: &str = "2011-06-15";

/// An STS operation: its input, and the type of its output.
///
/// You can implement it for operations that this crate does not have yet, with a struct and two mappings:
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
    /// The operation's name: the `Action` of the request, and the prefix of the response's `…Response` and `…Result` elements.
    const NAME: &'static str;

    /// Whether the request is signed.
    const AUTH: Auth = Auth::SigV4;

    /// The output, read from the response's `…Result` element.
    type Output: FromXml;

    /// The request's body, with every member checked.
    ///
    /// # Errors
    /// Members violate their rules; the error lists all violations.
    fn to_body(&self) -> Result<Body, InvalidInput> {
        let mut query = Query::new(Self::NAME, API_VERSION);
        self.to_query(&mut query);
        query.finish()
    }

    /// The request's body, without checking members.
    fn to_body_unchecked(&self) -> Body {
        let mut query = Query::unchecked(Self::NAME, API_VERSION);
        self.to_query(&mut query);
        query.finish_unchecked()
    }
}

/// How an operation authenticates the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// The request is signed with the caller's credentials.
    SigV4,
    /// The request is not signed and needs no credentials. A token or assertion in it authenticates the caller.
    None,
}

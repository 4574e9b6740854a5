//! Who may come in: the rules that a request must keep before anything is looked up for it.
//!
//! [`Asked`] goes in, the address it means or the status with which it is turned away comes out. A web page of somebody
//! else, open in the same browser, can neither read nor steer the preview; that is what most rules are for. Pure
//! functions: it must never look at the site or at a socket.

use icu_normalizer::ComposingNormalizer;

use crate::path::percent_decode;

/// What a browser sends, as it was sent.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// What follows the method: the address and perhaps a query.
    pub target: &'a str,
    /// Names and values of the head, in their order.
    pub headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Asked<'a> {
    /// The values of a header, however often it was sent.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(sent, _)| sent.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).next()
    }
}

/// The door of one preview.
#[derive(Clone, Debug)]
pub struct Door {
    /// The port on which it listens.
    pub port: u16,
    /// What only those know who were told the address, if it is asked for.
    pub token: Option<Token>,
}

/// 128 random bits, as 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why a request goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is turned away with this status.
    Refused(u16),
    /// It brought the token in its address: it keeps it as a cookie and asks again without.
    Welcome {
        /// The cookie.
        cookie: String,
        /// The same address without the token.
        location: String,
    },
}

/// The longest target that is read, in bytes.
const LONGEST_TARGET: usize = 8 * 1024;
/// The longest head, in bytes and in lines.
const LONGEST_HEAD: usize = 16 * 1024;
const MOST_LINES: usize = 64;

impl Door {
    /// The address without a leading `/` that a request means, if it may come in.
    pub fn pass(&self, asked: &Asked<'_>) -> Result<String, Stop> {
        self.refusal(asked)
            .map_or(Ok(()), |status| Err(Stop::Refused(status)))?;
        let address = address(asked.target).ok_or(Stop::Refused(400))?;
        self.check_token(asked)?;
        Ok(address)
    }

    /// Where the portal is for whoever started the preview.
    pub fn entrance(&self) -> String {
        let root = format!("http://127.0.0.1:{}/", self.port);
        match &self.token {
            Some(Token(token)) => format!("{root}?token={token}"),
            None => root,
        }
    }

    fn refusal(&self, asked: &Asked<'_>) -> Option<u16> {
        too_long(asked)
            .or_else(|| unclear(asked))
            .or_else(|| self.wrong_host(asked))
            .or_else(|| self.foreign(asked))
            .or_else(|| (!matches!(asked.method, "GET" | "HEAD")).then_some(405))
    }

    /// Whoever reaches this computer by another name may be a page whose own name was made to lead here.
    fn wrong_host(&self, asked: &Asked<'_>) -> Option<u16> {
        let mut hosts = asked.values("Host");
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => (!self.is_own(host)).then_some(403),
            _ => Some(400),
        }
    }

    fn is_own(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost"]
            .iter()
            .any(|own| host == format!("{own}:{}", self.port))
    }

    /// What a page of another site asks for; that somebody follows a link from there is all it may.
    fn foreign(&self, asked: &Asked<'_>) -> Option<u16> {
        let is_own = |origin: &str| {
            origin
                .strip_prefix("http://")
                .is_some_and(|host| self.is_own(host))
        };
        let is_navigation = asked.method == "GET"
            && asked.value("Sec-Fetch-Mode") == Some("navigate")
            && asked.value("Sec-Fetch-Dest") == Some("document");
        let from_elsewhere = asked
            .values("Sec-Fetch-Site")
            .any(|site| matches!(site, "cross-site" | "same-site"));
        let refused = !asked.values("Origin").all(is_own) || (from_elsewhere && !is_navigation);
        refused.then_some(403)
    }

    fn check_token(&self, asked: &Asked<'_>) -> Result<(), Stop> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let name = format!("strang-{}", self.port);
        let cookies = asked
            .values("Cookie")
            .flat_map(|cookies| cookies.split(';'));
        let sent = cookies.filter_map(|cookie| cookie.trim().split_once('='));
        if sent
            .into_iter()
            .any(|(sent, value)| sent == name && token.is(value))
        {
            return Ok(());
        }
        let (path, query) = asked.target.split_once('?').unwrap_or((asked.target, ""));
        match query.strip_prefix("token=") {
            Some(brought) if token.is(brought) => Err(Stop::Welcome {
                cookie: format!("{name}={}; HttpOnly; SameSite=Strict; Path=/", token.0),
                location: path.to_owned(),
            }),
            _ => Err(Stop::Refused(401)),
        }
    }
}

impl Token {
    /// A new one of the system's randomness.
    pub fn random() -> Result<Token, getrandom::Error> {
        let mut bits = [0_u8; 16];
        getrandom::fill(&mut bits)?;
        Ok(Token(
            bits.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// Takes as long for a nearly right one as for a wrong one.
    fn is(&self, other: &str) -> bool {
        let bytes = self.0.bytes().zip(other.bytes());
        let differences = bytes.fold(0, |differences, (a, b)| differences | (a ^ b));
        self.0.len() == other.len() && differences == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

fn too_long(asked: &Asked<'_>) -> Option<u16> {
    if asked.target.len() > LONGEST_TARGET {
        return Some(414);
    }
    let lines = asked.headers.iter();
    let head: usize = lines
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    (head + asked.target.len() > LONGEST_HEAD || asked.headers.len() > MOST_LINES).then_some(431)
}

/// A body, or anything that two readers could understand differently.
fn unclear(asked: &Asked<'_>) -> Option<u16> {
    let has_control = |text: &str| text.bytes().any(|b| b.is_ascii_control() && b != b'\t');
    let garbled = asked
        .headers
        .iter()
        .any(|(name, value)| has_control(name) || has_control(value));
    if garbled || asked.value("Transfer-Encoding").is_some() {
        return Some(400);
    }
    let mut lengths = asked.values("Content-Length");
    let length = lengths.next()?;
    let is_number = !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    if !is_number || lengths.next().is_some() {
        return Some(400);
    }
    length.bytes().any(|b| b != b'0').then_some(413)
}

/// The address that a target means: cut at the query, decoded once, without empty parts or ways upward.
fn address(target: &str) -> Option<String> {
    if target
        .bytes()
        .any(|b| b == b'#' || b == b'\\' || b.is_ascii_control())
    {
        return None;
    }
    let path = target.split('?').next()?.strip_prefix('/')?;
    let path = percent_decode(path)?;
    let inner = path.strip_suffix('/').unwrap_or(&path);
    let harmless = inner.is_empty()
        || inner
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."));
    if !harmless || path.contains('\\') || path.chars().any(char::is_control) {
        return None;
    }
    Some(ComposingNormalizer::new_nfc().normalize(&path).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s11_addresses_are_decoded_once_and_stay_inside() {
        assert_eq!(address("/a%20b.html?x=1").as_deref(), Some("a b.html"));
        assert_eq!(address("/").as_deref(), Some(""));
        assert_eq!(address("/customers/").as_deref(), Some("customers/"));
        assert_eq!(address("/%252e").as_deref(), Some("%2e"));
        assert_eq!(address("/u%CC%88.pdf").as_deref(), Some("ü.pdf"));
        for bad in [
            "//x",
            "/%2e%2e/x",
            "/%2e%2e/",
            "/..%2fx",
            "/%00",
            "/%c0%ae",
            "/a\\b",
            "/a%5cb",
            "/a\\..\\b",
            "/a#b",
            "/%0d%0aX:%20y",
            "http://evil/x",
            "*",
            "",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[test]
    fn s5_a_token_is_itself_and_nothing_else() {
        let token = Token("0123456789abcdef0123456789abcdef".into());
        assert!(token.is("0123456789abcdef0123456789abcdef"));
        for other in [
            "",
            "0",
            "0123456789abcdef0123456789abcdee",
            "0123456789abcdef0123456789abcdef0",
        ] {
            assert!(!token.is(other), "{other}");
        }
        let [one, other] = [Token::random().unwrap(), Token::random().unwrap()];
        assert_ne!(one, other);
        assert_eq!(one.0.len(), 32);
    }
}

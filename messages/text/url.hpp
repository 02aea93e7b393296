#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

/// URLs as text (RFC 3986). Strict where a lenient reading could send a request elsewhere: another program on the way,
/// or the HTTP client, might read a strange authority differently.
namespace sluice::url {

/// An absolute http or https URL, taken apart only as far as sending it needs: nothing is decoded or encoded again, so
/// that the path and the query reach the server byte for byte as they were given.
struct parts {
  /// Lower case.
  std::string scheme;
  /// Lower case; an IPv6 address keeps its brackets.
  std::string host;
  /// Explicit or the scheme's own.
  std::uint16_t port = 0;
  /// Path and query as written, perhaps without a path; a fragment is left out: it is never sent.
  std::string target;

  bool is_secure() const noexcept { return scheme == "https"; }
  bool same_origin(const parts& other) const noexcept {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
  /// The host without the brackets of an IPv6 address.
  std::string bare_host() const;
  /// `host`, with the port if it is not the scheme's own: what a `Host` header says.
  std::string authority() const;
  /// `https://host`, with the port if it is not the scheme's own.
  std::string origin() const;
  /// `host:port`.
  std::string place() const;
  /// `https://host:port/path` for messages and logs. A query is left out, it may hold secrets; a long path is cut.
  std::string display() const;
};

/// Reads `http://host[:port]...` or `https://host[:port]...`: no user info, no other characters in the host than
/// letters, digits, `-`, `.`, `_` (or an IPv6 address in brackets). Path and query may be anything. Fails with what is
/// wrong, a sentence that never repeats any of the text.
tl::expected<parts, std::string_view> split(std::string_view text);

/// True for a URL that paths can be put behind: no query, no fragment; no blanks, control characters or backslashes.
bool is_base(std::string_view text);

/// `host:port`, with brackets around an IPv6 address that has none.
std::string host_and_port(std::string_view bare_host, std::uint16_t port);

/// True if `text` starts with a scheme: it is absolute, whatever it leads to.
bool has_scheme(std::string_view text) noexcept;

/// The URL that the relative reference `link` names, seen from `base` (RFC 3986 section 5.2): `//host/path`, `/path`,
/// `path`, `../path`, `?query`, `#fragment`, nothing. Without the fragment, which is never sent.
std::string resolve(const parts& base, std::string_view link);

/// A base URL and the path below it, as Python's `urljoin` joins them: exactly one slash between two segments, `.` and
/// `..` taken out. `path` may have a query.
std::string join(std::string_view base, std::string_view path);

/// Encodes a value that stands in a path: its slashes separate segments, everything else stays inside of them, so that
/// `a/b?c` becomes `a/b%3Fc`. A whole http or https URL stays one.
std::string encode_path_value(std::string_view text);

/// Encodes only what may not be in a URL at all (blanks, control characters, non-ASCII, `"<>\^{|}`, the backquote, and
/// `%` that begins no `%XX`).
std::string encode_illegal(std::string_view text);

/// The same for a path, perhaps with a query: there brackets may not be, either.
std::string encode_path(std::string_view text);

/// Encodes all but letters, digits, `_.-~` and what is in `kept`; blanks become `+` if `plus`. Python's `quote` and
/// `quote_plus`.
std::string quote(std::string_view text, std::string_view kept, bool plus);

/// Decodes `%XX`; what begins no such triple stays as it is.
std::string decode(std::string_view text);

/// The same, and `+` is a blank: for names and values of a query.
std::string decode_query(std::string_view text);

/// As `decode`, but nothing if there is a `%` that begins no `%XX`.
std::optional<std::string> decode_strictly(std::string_view text);

/// The decoded names and values in a URL's query.
std::vector<std::pair<std::string, std::string>> query_of(std::string_view url);

/// True if a URL's query has a parameter of this name.
bool has_parameter(std::string_view url, std::string_view name);

/// Appends `name=value` to a URL's query, both encoded. A blank becomes `+` as in forms; `,` `:` `@` and `/` stay as
/// they are: RFC 3986 allows them in a query, servers read both, and lists and times stay readable in logs.
void add_parameter(std::string& url, std::string_view name, std::string_view value);

/// What may be a URL, for people: without user info, query and fragment, and not longer than 200 bytes.
std::string without_query(std::string_view text);

} // namespace sluice::url

namespace sluice {

/// A URL for people: without user info, and with query values longer than 60 characters shortened.
std::string display_url(std::string_view text);

} // namespace sluice

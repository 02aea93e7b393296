#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// URLs as text (RFC 3986). Strict where a lenient reading could send a request elsewhere: another program on the way,
/// or the HTTP client, might read a strange authority differently.
namespace sluice::url {

/// An absolute http or https URL.
struct parts {
  /// Lower case.
  std::string scheme;
  /// Lower case; an IPv6 address keeps its brackets.
  std::string host;
  /// Explicit or the scheme's own.
  std::uint16_t port = 0;
  /// Path and query as written; a fragment is left out.
  std::string target;

  bool same_origin(const parts& other) const noexcept {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
  /// `https://host`, with the port if it is not the scheme's own.
  std::string origin() const;
};

/// nullopt for anything but `http://host[:port]...` and `https://host[:port]...`: no user info, no other characters in
/// the host than letters, digits, `-`, `.`, `_` (or an IPv6 address in brackets).
std::optional<parts> split(std::string_view text);

/// True if `text` starts with a scheme: it is absolute, whatever it leads to.
bool has_scheme(std::string_view text) noexcept;

/// The URL that the relative reference `link` names, seen from `base` (RFC 3986 section 5.2): `//host/path`, `/path`,
/// `path`, `../path`, `?query`, `#fragment`, nothing. Without the fragment, which is never sent.
std::string resolve(const parts& base, std::string_view link);

/// A base URL and the path below it, as Python's `urljoin` joins them: exactly one slash between two segments, `.` and
/// `..` taken out. `path` may have a query.
std::string join(std::string_view base, std::string_view path);

/// Encodes a query's name or value. A blank becomes `+` as in forms; `,` `:` `@` and `/` stay as they are: RFC 3986
/// allows them in a query, servers read both, and lists and times stay readable in logs.
std::string encode_query(std::string_view text);

/// Encodes a value that stands in a path: its slashes separate segments, everything else stays inside of them, so that
/// `a/b?c` becomes `a/b%3Fc`. A whole http or https URL stays one.
std::string encode_path_value(std::string_view text);

/// Encodes only what may not be in a URL at all (blanks, control characters, non-ASCII, `"<>\^{|}`, the backquote, and
/// `%` that begins no `%XX`).
std::string encode_illegal(std::string_view text);

/// The same for a path, perhaps with a query: there brackets may not be, either.
std::string encode_path(std::string_view text);

/// Decodes `%XX` and `+`.
std::string decode_query(std::string_view text);

/// The decoded names and values in a URL's query.
std::vector<std::pair<std::string, std::string>> query_of(std::string_view url);

/// True if a URL's query has a parameter of this name.
bool has_parameter(std::string_view url, std::string_view name);

/// Appends `name=value` to a URL's query.
void add_parameter(std::string& url, std::string_view name, std::string_view value);

} // namespace sluice::url

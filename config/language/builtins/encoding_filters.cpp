#include "config/language/builtins/collections.hpp"
#include "config/language/builtins/filter_tables.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
#include "config/language/value_text.hpp"
#include "messages/text/base64.hpp"
#include "messages/text/url.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

/// (indent=none): JSON as Jinja writes it, keys sorted, and nothing in it that ends a script element in HTML.
result<object> filter_tojson(context& c, const object& self, const arguments& args) {
  if (self.as_undefined() != nullptr)
    return refuse("there is nothing to be written", error_kind::type);
  auto plain = c.plain_of(self);
  if (!plain)
    return failure(plain.error());
  std::string json;
  json_style style{.python = true, .sort_keys = true};
  if (args.has(0) && !args[0].is_none()) {
    auto indent = as_integer(args[0]);
    constexpr std::int64_t widest = 64;
    if (!indent || *indent > widest)
      return refuse("the indent must be an integer up to 64");
    style.indent = static_cast<int>(std::max<std::int64_t>(*indent, 0));
  }
  append_json(json, *plain, style, limits::text);
  std::string out;
  for (char x : json) {
    if (x == '<' || x == '>' || x == '&' || x == '\'') {
      std::array<char, 8> buffer;
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(x));
      out += buffer.data();
    } else {
      out.push_back(x);
    }
  }
  return c.text(std::move(out));
}

/// A string is quoted for a path, a dict or pairs become a query.
result<object> filter_urlencode(context& c, const object& self, const arguments&) {
  bool is_list = self.as_made_list() != nullptr || self.is_list();
  if (!self.is_dict() && !is_list) {
    auto text = c.text_of(self);
    return text ? c.text(url::quote(*text, "/", false)) : failure(text.error());
  }
  auto pairs = self.is_dict() ? item_pairs(c, self) : c.elements_of(self);
  if (!pairs)
    return failure(pairs.error());
  std::string out;
  for (auto& pair : *pairs) {
    auto both = c.elements_of(pair);
    if (!both)
      return failure(both.error());
    if (both->size() != 2)
      return refuse("a list must be one of pairs");
    auto key = c.text_of((*both)[0]);
    auto text = c.text_of((*both)[1]);
    if (!key || !text)
      return failure(key ? text.error() : key.error());
    out += (out.empty() ? "" : "&") + url::quote(*key, "", true) + "=" + url::quote(*text, "", true);
    if (out.size() > limits::text)
      break;
  }
  return c.text(std::move(out));
}

result<object> filter_base64encode(context& c, const object& self, const arguments&) {
  if (self.as_string() == nullptr) // an AttributeError in Python
    return refuse_not_string(self);
  return c.text(base64_encode(*self.as_string()));
}

result<object> filter_base64decode(context& c, const object& self, const arguments&) {
  if (self.as_string() == nullptr)
    return refuse_not_string(self);
  auto decoded = base64_decode(*self.as_string());
  if (!decoded || !is_valid_utf8(*decoded))
    return refuse("the text is no Base64 of UTF-8 text");
  return c.text(std::move(*decoded));
}

/// The reference's own filter, which encodes.
result<object> filter_base64binascii_decode(context& c, const object& self, const arguments&) {
  if (self.as_string() == nullptr)
    return refuse_not_string(self);
  auto& text = *self.as_string();
  if (std::any_of(text.begin(), text.end(), [](char x) { return static_cast<unsigned char>(x) >= 0x80; }))
    return refuse("only ASCII text can be encoded");
  return c.text(base64_encode(text));
}

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(digits[bytes[i] >> 4]);
    out.push_back(digits[bytes[i] & 15]);
  }
  return out;
}

/// The digest of Python's name, nullptr if `hashlib` has none with a digest of one length.
const EVP_MD* find_digest(std::string_view name) {
  struct entry {
    std::string_view name;
    const EVP_MD* (*digest)();
  };
  static constexpr std::array all = {
    entry{"blake2b", EVP_blake2b512}, entry{"blake2s", EVP_blake2s256}, entry{"md5", EVP_md5},
    entry{"sha1", EVP_sha1},          entry{"sha224", EVP_sha224},      entry{"sha256", EVP_sha256},
    entry{"sha384", EVP_sha384},      entry{"sha3_224", EVP_sha3_224},  entry{"sha3_256", EVP_sha3_256},
    entry{"sha3_384", EVP_sha3_384},  entry{"sha3_512", EVP_sha3_512},  entry{"sha512", EVP_sha512},
  };
  auto found = std::find_if(all.begin(), all.end(), [&](auto& e) { return e.name == name; });
  return found == all.end() ? nullptr : found->digest();
}

/// (hash_type='md5', salt=none): of the text of any value.
result<object> filter_hash(context& c, const object& self, const arguments& args) {
  auto text = c.text_of(self);
  auto name = args.has(0) ? c.text_of(args[0]) : std::string{"md5"};
  auto salt = args.has(1) && truthy(args[1]) ? c.text_of(args[1]) : std::string{};
  for (auto* x : {&text, &name, &salt}) {
    if (!*x)
      return failure(x->error());
  }
  auto* digest = find_digest(*name);
  if (digest == nullptr)
    return refuse("there is no hash function of that name");
  auto all = *text + *salt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (EVP_Digest(all.data(), all.size(), bytes.data(), &size, digest, nullptr) != 1)
    return refuse("the hash function is not available here");
  return c.text(hexadecimal(bytes.data(), size));
}

/// (key, hash_type='sha256')
result<object> filter_hmac(context& c, const object& self, const arguments& args) {
  auto text = c.text_of(self);
  auto key = c.text_of(args[0]);
  auto name = args.has(1) ? c.text_of(args[1]) : std::string{"sha256"};
  for (auto* x : {&text, &key, &name}) {
    if (!*x)
      return failure(x->error());
  }
  if (*name != "sha256")
    return refuse("only 'sha256' is allowed");
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key->data(), static_cast<int>(key->size()),
           reinterpret_cast<const unsigned char*>(text->data()), text->size(), bytes.data(), &size)
      == nullptr)
    return refuse("the hash function is not available here");
  return c.text(hexadecimal(bytes.data(), size));
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (char x : text) {
    switch (x) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out.push_back(x);
    }
  }
  return out;
}

result<object> filter_escape(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  return text ? c.text(escape_html(*text)) : failure(text.error());
}

/// (autospace=true): the attributes of an HTML element.
result<object> filter_xmlattr(context& c, const object& self, const arguments& args) {
  if (!self.is_dict())
    return refuse("a dict is needed, not " + std::string{kind_of(self)});
  auto items = item_pairs(c, self);
  if (!items)
    return failure(items.error());
  std::string out;
  for (auto& pair : *items) {
    auto& both = pair.as_made_list()->items;
    if (both[1].is_none() || both[1].as_undefined() != nullptr)
      continue;
    if (both[0].as_string() == nullptr)
      return refuse_kind(both[0], "a string as the name of an attribute");
    if (both[0].as_string()->find_first_of(" \t\n\r\f\v/>=") != std::string::npos)
      return refuse("a character that no name of an attribute has");
    auto text = c.text_of(both[1]);
    if (!text)
      return failure(text.error());
    out += (out.empty() ? "" : " ") + escape_html(*both[0].as_string()) + "=\"" + escape_html(*text) + "\"";
    if (out.size() > limits::text)
      break;
  }
  bool spaced = !args.has(0) || truthy(args[0]);
  return c.text((spaced && !out.empty() ? " " : "") + out);
}

/// The character that the HTML entity between `&` and `;` stands for: numbers, and the names that escaping makes.
std::optional<char32_t> entity_character(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, char32_t>, 6> names
    = {{{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xA0}}};
  for (auto& [known, character] : names) {
    if (name == known)
      return character;
  }
  if (!name.starts_with('#'))
    return std::nullopt;
  name.remove_prefix(1);
  bool is_hexadecimal = name.starts_with('x') || name.starts_with('X');
  name.remove_prefix(is_hexadecimal ? 1 : 0);
  unsigned code = 0;
  auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), code, is_hexadecimal ? 16 : 10);
  bool ok = problem == std::errc{} && end == name.data() + name.size() && !name.empty();
  return ok ? std::optional{static_cast<char32_t>(code)} : std::nullopt;
}

std::string unescape_html(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text[at] == '&' ? text.substr(at, 32).find(';') : std::string_view::npos;
    auto character = end == std::string_view::npos ? std::nullopt : entity_character(text.substr(at + 1, end - 1));
    if (character) {
      append_utf8(out, *character);
      at += end + 1;
    } else {
      out.push_back(text[at++]);
    }
  }
  return out;
}

/// Text without HTML's comments and tags, each run of blanks as one.
result<object> filter_striptags(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  if (!text)
    return failure(text.error());
  std::string kept;
  std::string_view rest = *text;
  for (auto start = rest.find('<'); start != std::string_view::npos; start = rest.find('<')) {
    bool is_comment = rest.substr(start).starts_with("<!--");
    auto end = rest.find(is_comment ? "-->" : ">", start + (is_comment ? 4 : 0));
    if (end == std::string_view::npos)
      break;
    kept += rest.substr(0, start);
    rest.remove_prefix(end + (is_comment ? 3 : 1));
  }
  kept += rest;
  std::string out;
  for (std::size_t at = 0; at < kept.size();) {
    auto from = at;
    auto letter = next_code_point(kept, at);
    if (!is_space(letter))
      out.append(kept, from, at - from);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
  if (out.ends_with(' '))
    out.pop_back();
  return c.text(unescape_html(out));
}

} // namespace

const std::vector<builtin>& encoding_filters() {
  static const std::vector<builtin> all = {
    {"base64binascii_decode", {}, 0, false, filter_base64binascii_decode},
    {"base64decode", {}, 0, false, filter_base64decode},
    {"base64encode", {}, 0, false, filter_base64encode},
    {"e", {}, 0, false, filter_escape},
    {"escape", {}, 0, false, filter_escape},
    {"forceescape", {}, 0, false, filter_escape},
    {"hash", {"hash_type", "salt"}, 0, false, filter_hash},
    {"hmac", {"key", "hash_type"}, 1, false, filter_hmac},
    {"striptags", {}, 0, false, filter_striptags},
    {"tojson", {"indent"}, 0, false, filter_tojson},
    {"urlencode", {}, 0, false, filter_urlencode},
    {"xmlattr", {"autospace"}, 0, false, filter_xmlattr},
  };
  return all;
}

} // namespace sluice::language::detail

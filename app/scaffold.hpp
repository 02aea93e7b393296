#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// How the API of a new manifest wants its requests to be authorised, and how its lists go on.
enum class new_auth : std::uint8_t { none, bearer, api_key, basic };
enum class new_paging : std::uint8_t { none, page, offset, cursor, link };

/// What `sluice new` has to know.
struct scaffold_answers {
  std::string base_url;
  new_auth auth = new_auth::bearer;
  /// `/lists/items`
  std::string path;
  /// Field of the answer that holds the list; empty: the answer is the list.
  std::string records;
  std::string stream;
  /// Primary key; empty: none.
  std::string key = "id";
  new_paging paging = new_paging::page;
};

/// Files to begin with.
struct scaffold {
  std::string manifest;
  std::string config;
  std::string catalogue;
};

/// A manifest of one stream, a config for it with `secret` as its credential, and a catalogue of that stream.
scaffold make_scaffold(const scaffold_answers& a, const std::string& secret);

/// The last part of a path that is a name: `items` of `/v2/items/`.
std::string stream_name_of(const std::string& path);

} // namespace sluice

#include "actors/core/page_index.hpp"

#include <cstring>

#include <simdjson.h>

namespace sluice {

namespace {

/// What a page needed beyond this is given back after it.
constexpr std::size_t kept_bytes = std::size_t{16} << 20;

/// Positions are 32-bit numbers, here and in simdjson.
constexpr std::size_t max_bytes = UINT32_MAX - simdjson::SIMDJSON_PADDING;

bool has_line_break(std::string_view text) noexcept {
  return std::memchr(text.data(), '\n', text.size()) != nullptr
         || std::memchr(text.data(), '\r', text.size()) != nullptr;
}

/// The tokens of valid JSON.
void find_tokens(std::string_view text, std::vector<page_index::token>& tokens) {
  auto end = text.data() + text.size();
  tokens.clear();
  for (auto p = json::skip_space(text.data(), end); p < end; p = json::skip_space(p, end)) {
    tokens.push_back(static_cast<page_index::token>(p - text.data()));
    bool single = std::string_view{"{}[]:,"}.find(*p) != std::string_view::npos;
    p = single ? p + 1 : json::skip_value(p, end);
  }
}

} // namespace

struct page_index::parser_memory {
  simdjson::dom::parser parser;
};

page_index::page_index() : parser_(std::make_unique<parser_memory>()) {}
page_index::~page_index() = default;

std::optional<json_problem> page_index::read(std::string& body) {
  release();
  if (body.size() > max_bytes) {
    return json_problem{"is larger than 4 GiB", max_bytes};
  }
  if (auto problem = index(body)) {
    return problem;
  }
  if (has_line_break(body)) {
    minified_.resize(body.size() + simdjson::SIMDJSON_PADDING);
    std::size_t size = 0;
    if (simdjson::minify(body.data(), body.size(), minified_.data(), size) != simdjson::SUCCESS) {
      return json_problem{"cannot be minified", 0}; // cannot happen: it is valid
    }
    minified_.resize(size);
    if (auto problem = index(minified_)) {
      return problem;
    }
  }
  source_ = body.data();
  source_size_ = body.size();
  return std::nullopt;
}

std::optional<json_problem> page_index::index(std::string& text) {
  // simdjson reads whole blocks, also beyond the end.
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  auto& parser = parser_->parser;
  // Newer versions of simdjson skip a byte order mark: leave such a text to check_json.
  bool plain = !text.empty() && static_cast<unsigned char>(text.front()) < 0x80;
  if (plain && parser.parse(text.data(), text.size(), false).error() == simdjson::SUCCESS) {
    // What the parser's first stage found is what we need; the public interface has no other access to it.
    tokens_ = parser.implementation->structural_indexes.get();
    count_ = parser.implementation->n_structural_indexes;
  } else {
    // simdjson also refuses numbers beyond 64 bits or the range of doubles, which are legal.
    if (auto problem = check_json(text)) {
      return problem;
    }
    find_tokens(text, own_tokens_);
    tokens_ = own_tokens_.data();
    count_ = static_cast<token>(own_tokens_.size());
  }
  text_ = text;
  return std::nullopt;
}

void page_index::release() {
  source_ = nullptr;
  source_size_ = 0;
  text_ = {};
  tokens_ = nullptr;
  count_ = 0;
  if (parser_->parser.capacity() > kept_bytes) {
    parser_->parser = simdjson::dom::parser{};
  }
  if (minified_.capacity() > kept_bytes) {
    std::string{}.swap(minified_);
  }
  if (own_tokens_.capacity() * sizeof(token) > kept_bytes) {
    std::vector<token>{}.swap(own_tokens_);
  }
}

} // namespace sluice

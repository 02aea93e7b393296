#include "actors/core/decode/page_index.hpp"

#include "actors/core/decode/token_check.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <simdjson.h>

namespace sluice {

namespace {

/// Memory of an index that was larger is not kept.
constexpr std::size_t kept_bytes = std::size_t{16} << 20;

/// Positions are 32-bit numbers, here and in simdjson.
constexpr std::size_t max_bytes = UINT32_MAX - simdjson::SIMDJSON_PADDING;

static_assert(copy_slack <= simdjson::SIMDJSON_PADDING);

/// Room for somewhat more than is needed: pages of a list differ a little.
constexpr std::size_t with_reserve(std::size_t size) noexcept {
  return size + size / 8 + 1024;
}

template <class T>
class buffer {
public:
  /// What was in it is lost.
  T* get(std::size_t size) {
    if (size > size_) {
      data_.reset();
      size_ = with_reserve(size);
      data_ = std::make_unique_for_overwrite<T[]>(size_);
    }
    return data_.get();
  }
  std::size_t bytes() const noexcept { return size_ * sizeof(T); }

private:
  std::unique_ptr<T[]> data_;
  std::size_t size_ = 0;
};

} // namespace

class page_index::memory final : public index_memory {
public:
  /// Has the tokens; only its first stage runs. The second would convert numbers and copy strings, which nobody needs,
  /// and refuse legal numbers beyond 64 bits or the range of doubles.
  std::unique_ptr<simdjson::internal::dom_parser_implementation> finder;
  buffer<token> behind;
  buffer<char> compact;
  /// Most tokens that were found.
  std::size_t tokens = 0;

  std::size_t bytes() const noexcept override { return tokens * sizeof(token) + behind.bytes() + compact.bytes(); }

  /// Room for the tokens of `size` bytes. Only what holds tokens is ever touched.
  void make_room(std::size_t size) {
    if (finder && finder->capacity() >= size) {
      return;
    }
    auto room = std::min(with_reserve(size), max_bytes);
    finder.reset();
    const simdjson::implementation* active = simdjson::get_active_implementation();
    if (active->create_dom_parser_implementation(room, 1, finder) != simdjson::SUCCESS) {
      finder.reset();
      throw std::bad_alloc{};
    }
  }
};

page_index::page_index(std::shared_ptr<index_memory_store> store) : store_(std::move(store)) {}
page_index::~page_index() {
  release();
}

std::optional<json_problem> page_index::read(std::string& body) {
  release();
  if (body.size() > max_bytes) {
    return json_problem{"is larger than 4 GiB", max_bytes};
  }
  if (!memory_ && store_) {
    memory_ = store_->take();
  }
  if (!memory_) {
    memory_ = std::make_unique<memory>();
  }
  // simdjson reads whole blocks, also beyond the end.
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  if (auto problem = index(body)) {
    release();
    return problem;
  }
  source_ = body.data();
  source_size_ = body.size();
  return std::nullopt;
}

std::optional<json_problem> page_index::index(const std::string& body) {
  auto& own = static_cast<memory&>(*memory_); // nobody else makes any
  own.make_room(body.size());
  auto& finder = *own.finder;
  auto found
    = finder.stage1(reinterpret_cast<const std::uint8_t*>(body.data()), body.size(), simdjson::stage1_mode::regular);
  if (found != simdjson::SUCCESS) {
    auto problem = check_json(body);
    return problem ? problem : json_problem{std::string{"cannot be read: "} + simdjson::error_message(found), 0};
  }
  auto tokens = finder.structural_indexes.get();
  count_ = finder.n_structural_indexes;
  tokens[count_] = static_cast<token>(body.size());
  own.tokens = std::max<std::size_t>(own.tokens, count_);
  auto behind = own.behind.get(count_);
  auto form = check_tokens(body, tokens, count_, behind);
  if (form == token_check::refused) {
    auto problem = check_json(body);
    if (problem || count_ != 1) {
      return problem ? problem : json_problem{"cannot be read", 0};
    }
    form = token_check::many_lines; // a scalar: there may be some around it
  }
  text_ = body;
  if (form == token_check::many_lines) {
    auto compact = own.compact.get(body.size() + copy_slack);
    copy_without_blanks(body, tokens, count_, compact);
    text_ = {compact, tokens[count_]};
  }
  tokens_ = tokens;
  behind_ = behind;
  return std::nullopt;
}

std::size_t page_index::bytes() const noexcept {
  return 2 * sizeof(token) * count_ + (text_.data() == source_ ? 0 : text_.size());
}

void page_index::release() {
  source_ = nullptr;
  source_size_ = 0;
  text_ = {};
  tokens_ = nullptr;
  count_ = 0;
  behind_ = nullptr;
  if (memory_ && memory_->bytes() > kept_bytes) {
    memory_.reset();
  }
  if (memory_ && store_) {
    store_->give(std::move(memory_));
  }
}

} // namespace sluice

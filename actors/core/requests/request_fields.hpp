#pragma once

#include "actors/core/requests/slice_scope.hpp"
#include "messages/error.hpp"
#include "messages/text/header_list.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A list in Python's notation is sent as one field for each element, any other text as it is.
std::vector<std::string> separated(std::string text);

/// The query parameters, headers or form fields of a request, as they are collected from the requester, the credential,
/// the paginator, the partition routers and the cursor. A name that two of them give is an error, as in the reference.
class request_fields {
public:
  enum class kind : std::uint8_t { parameters, headers, form };

  /// @param most as many fields as there may be, or about so many.
  request_fields(kind k, std::size_t most) : kind_{k} { pairs_.reserve(most); }

  /// Adds the field, once for each of its values that is not empty.
  expected<void> add(const std::string& name, std::vector<std::string> values);

  /// @param without parameters of this URL's query are left out.
  expected<void> render(const std::vector<named_template>& templates, request_scope& scope,
                        std::string_view without = {});

  header_list& pairs() noexcept { return pairs_; }
  const header_list& pairs() const noexcept { return pairs_; }

private:
  bool is_header() const noexcept { return kind_ == kind::headers; }

  kind kind_;
  header_list pairs_;
};

} // namespace sluice

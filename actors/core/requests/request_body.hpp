#pragma once

#include "actors/core/requests/request_fields.hpp"
#include "actors/core/requests/slice_scope.hpp"
#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A request's body, as it is collected from the requester, the credential, the paginator, the partition routers and
/// the cursor. It is a JSON object, a form, or a text, never two of them.
class request_body_builder {
public:
  /// What the requester gives. The first to be called.
  expected<void> start(const request_body& body, request_scope& scope);
  /// A field of the form.
  expected<void> add_form(const std::string& name, std::vector<std::string> values);
  /// A field of the JSON object, `inner` keys below `name`. Where there is something else already it is an error; the
  /// same value may come twice, as in the reference.
  expected<void> add_json(const std::string& name, const std::vector<std::string>& inner, language::value x);

  /// The body as it is sent; empty: none.
  expected<std::string> text() const;
  /// The content type of what `text` gives; empty: none is said, as of plain text.
  std::string_view content_type() const noexcept;

private:
  language::value_dict json_;
  request_fields form_{request_fields::kind::form, 0};
  std::string plain_;
};

} // namespace sluice

#include "actors/core/requests/request_builder.hpp"

#include "actors/core/requests/request_body.hpp"
#include "actors/core/requests/request_fields.hpp"
#include "actors/core/requests/request_url.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Adds the parameters that the URL does not have already. Of a link it is known that it has none of them.
void add_missing(std::string& target, const header_list& parameters, bool linked) {
  const auto present = linked ? header_list{} : url::query_of(target);
  auto size = target.size();
  for (const auto& [name, value] : parameters) {
    size += name.size() + value.size() + 2;
  }
  target.reserve(size);
  for (const auto& parameter : parameters) {
    if (std::find(present.begin(), present.end(), parameter) == present.end()) {
      url::add_parameter(target, parameter.first, parameter.second);
    }
  }
}

/// Puts a request together. The first error ends it; what comes after it has no effect.
class assembly {
public:
  assembly(const plan& p, const endpoint& e, const page_request& request, const credential_fields& secrets,
           const language::value* config)
    : endpoint_{e}, request_{request}, secrets_{secrets}, token_{request.token.empty() ? e.pages.first_token
                                                                                       : request.token},
      linked_{!request.token.empty() && e.pages.token_is_url}, scope_{p, request.slice, token_, config},
      parameters_{request_fields::kind::parameters,
                  linked_ ? 0 : e.request.parameters.size() + secrets.size() + others},
      headers_{request_fields::kind::headers, e.request.headers.size() + secrets.size() + others} {}

  expected<built_request> build() {
    note(headers_.render(endpoint_.request.headers, scope_));
    // A link usually carries all of them.
    note(parameters_.render(endpoint_.request.parameters, scope_, link()));
    note(body_.start(endpoint_.request.body, scope_));
    add_secrets();
    add_slice();
    add_page();
    if (problem_) {
      return tl::unexpected(std::move(*problem_));
    }
    return finish();
  }

private:
  std::string_view link() const { return linked_ ? std::string_view{request_.token} : std::string_view{}; }

  /// Keeps the first error.
  void note(expected<void> done) {
    if (!done && !problem_) {
      problem_ = std::move(done.error());
    }
  }

  void add_parameter(const std::string& name, std::vector<std::string> values) {
    if (!linked_ || !url::has_parameter(link(), name)) {
      note(parameters_.add(name, std::move(values)));
    }
  }

  void add_secrets() {
    using place = credential_field::place;
    for (const auto& x : secrets_) {
      std::vector<std::string> one{x.value};
      if (x.where == place::header) {
        note(headers_.add(x.name, std::move(one)));
      } else if (x.where == place::parameter) {
        add_parameter(x.name, std::move(one));
      } else if (x.where == place::body_data) {
        note(body_.add_form(x.name, std::move(one)));
      } else {
        note(body_.add_json(x.name, x.inner, x.value));
      }
    }
  }

  /// A text that is sent as it is, but a list in Python's notation as one parameter for each element.
  void inject_text(const request_option& option, const std::string& text) {
    if (option.into == inject_into::body_json) {
      note(body_.add_json(option.name, option.inner, text));
    } else if (option.into == inject_into::header) {
      note(headers_.add(option.name, std::vector<std::string>(1, text)));
    } else if (option.into == inject_into::parameter) {
      add_parameter(option.name, separated(text));
    } else {
      note(body_.add_form(option.name, separated(text)));
    }
  }

  /// JSON keeps the value's type, everything else takes its text.
  void inject(const request_option& option, language::value x) {
    if (option.into == inject_into::body_json) {
      note(body_.add_json(option.name, option.inner, std::move(x)));
    } else if (x.is_dict() && option.into != inject_into::header) {
      note(fail(errc::bad_page, failure_type::system_error,
                "The value for the request parameter `" + option.name
                  + "` is an object, which cannot be sent as one. Nothing was requested for this slice; correct the "
                    "manifest: what is injected must be a text, a number or a list."));
    } else {
      inject_text(option, language::to_text(x));
    }
  }

  /// What says for which slice the request is.
  void add_slice() {
    if (endpoint_.pages.first_page_has_slice && !token_.empty()) {
      return;
    }
    if (const auto& options = endpoint_.request.partition_options; !options.empty()) {
      const auto* all = scope_.all().find("stream_partition");
      for (const auto& [option, field] : options) {
        const auto* x = all != nullptr ? all->find(field) : nullptr;
        if (x != nullptr && language::truthy(*x)) {
          inject(option, *x);
        }
      }
    }
    if (endpoint_.cursor && request_.slice.has_window) {
      if (const auto& start = endpoint_.cursor->start_option) {
        inject_text(*start, request_.slice.lower_text);
      }
      if (const auto& end = endpoint_.cursor->end_option) {
        inject_text(*end, request_.slice.upper_text);
      }
    }
  }

  void add_page() {
    const auto& pages = endpoint_.pages;
    if (pages.page_size && pages.page_size_option) {
      inject(*pages.page_size_option, *pages.page_size);
    }
    if (pages.token_option && !pages.token_is_url && !token_.empty()) {
      const auto& option = *pages.token_option;
      option.into == inject_into::body_json ? inject(option, token_value(token_)) : inject_text(option, token_);
    }
  }

  expected<built_request> finish() {
    auto target = base_for(endpoint_.request, scope_).and_then([this](const std::string& base) {
      return linked_ ? linked_url(base, request_.token) : joined_url(base, endpoint_.request.path, scope_);
    });
    if (!target) {
      return tl::unexpected(std::move(target.error()));
    }
    if (!parameters_.pairs().empty()) {
      add_missing(*target, parameters_.pairs(), linked_);
    }
    auto body = body_.text();
    if (!body) {
      return tl::unexpected(std::move(body.error()));
    }
    if (const auto type = body_.content_type(); !type.empty() && !find_header(headers_.pairs(), "content-type")) {
      headers_.pairs().emplace_back("Content-Type", type);
    }
    return built_request{endpoint_.request.method, std::move(*target), std::move(headers_.pairs()), std::move(*body)};
  }

  /// Besides the templates: both ends of the window, the size of a page and the token.
  static constexpr std::size_t others = 4;

  const endpoint& endpoint_;
  const page_request& request_;
  const credential_fields& secrets_;
  /// That the page is asked for with.
  const std::string& token_;
  bool linked_;
  request_scope scope_;
  request_fields parameters_;
  request_fields headers_;
  request_body_builder body_;
  std::optional<error> problem_;
};

expected<built_request> build_with(const plan& p, const endpoint& e, const page_request& request,
                                   const credential_fields& secrets, const language::value* config) {
  if (request.list.lower_text.empty()) {
    return assembly{p, e, request, secrets, config}.build();
  }
  auto shortened = request;
  shortened.slice.lower_text = request.list.lower_text;
  return assembly{p, e, shortened, secrets, config}.build();
}

} // namespace

expected<built_request> build_request(const plan& p, const endpoint& e, const page_request& request,
                                      const issued_credential* current) {
  return current != nullptr ? build_with(p, e, request, current->fields, current->config.get())
                            : build_with(p, e, request, known_fields(e.request.credential), nullptr);
}

expected<built_request> build_shape(const plan& p, const endpoint& e, const page_request& request) {
  return build_with(p, e, request, {}, nullptr);
}

} // namespace sluice

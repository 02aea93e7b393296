#include "actors/core/requests/request_builder.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// The object that a slice holds as JSON text; one without members if it holds none.
language::value_dict object_of(const std::string& json) {
  if (json.empty()) {
    return {};
  }
  const auto parsed = language::parse_json(json);
  const auto* object = parsed ? parsed->as_dict() : nullptr;
  return object != nullptr ? *object : language::value_dict{};
}

void add_interval(language::value_dict& to, const slice& s) {
  if (s.has_window) {
    to.emplace_back("start_time", s.lower_text);
    to.emplace_back("end_time", s.upper_text);
  }
}

/// Other readers of URLs take these for slashes, or leave them out: where a link with one leads is not certain.
constexpr char_set unsafe_in_links = char_set::range(0, 8) | char_set::range(0x0a, 0x1f) | char_set{"\x7f\\"};

tl::unexpected<error> refused_link(std::string_view link, std::string_view why) {
  return fail(errc::foreign_url, failure_type::system_error,
              "A link of the server was not followed: " + std::string{why}
                + ". No request and no credentials were sent there; the pages from here on are missing.",
              "link: " + display_url(link));
}

/// `url_base`, taken apart.
expected<url::parts> base_of(const std::string& url_base) {
  auto base = url::split(url_base);
  if (!base) {
    return fail(errc::bad_config, failure_type::config_error,
                "`" + display_url(url_base) + "` is no URL that requests can be sent to; it must look like "
                  + "https://host/path, without user and password. Nothing was requested.");
  }
  return std::move(*base);
}

/// `text` without a fragment, and with nothing that may not be in a URL.
std::string sendable(std::string_view text) {
  return url::encode_illegal(text.substr(0, text.find('#')));
}

/// The URL that the server, or a path template, named.
expected<std::string> linked_url(const std::string& url_base, std::string_view link) {
  auto base = base_of(url_base);
  if (!base) {
    return tl::unexpected(std::move(base.error()));
  }
  if (unsafe_in_links.find_in(link) < link.size()) {
    return refused_link(link, "it contains a backslash, a line break or another control character");
  }
  std::string absolute;
  if (!url::has_scheme(link)) {
    absolute = url::resolve(*base, link);
    link = absolute;
  }
  auto target = url::split(link);
  if (!target) {
    return refused_link(link, "it is no plain http or https URL");
  }
  if (!target->same_origin(*base)) {
    return refused_link(link, "it leads to " + target->origin() + ", but this connector talks to " + base->origin());
  }
  return sendable(link);
}

/// `url_base` and the rendered path.
expected<std::string> first_url(const plan& p, const endpoint& e, const slice& s) {
  const auto& request = e.request;
  language::scope scope;
  if (!request.path.is_literal()) {
    scope = slice_scope(p, s);
    scope.set_quote({"stream_partition", "stream_slice", "stream_interval"}, url::encode_path_value);
  }
  auto rendered = request.path.render(scope);
  if (!rendered || rendered->starts_with("http://") || rendered->starts_with("https://")) {
    return rendered ? linked_url(request.url_base, *rendered) : std::move(rendered);
  }
  auto path = url::encode_path(
    std::string_view{*rendered}.substr(std::min(rendered->find_first_not_of('/'), rendered->size())));
  bool joined = !path.empty() && path.front() != '?';
  // An encoded path cannot lead away from the base.
  return base_of(request.url_base).map([&](const url::parts&) {
    return sendable(joined ? url::join(request.url_base, path) : request.url_base + path);
  });
}

/// A slice's variables, made when a template first asks for them: most templates are literals.
class lazy_scope {
public:
  lazy_scope(const plan& p, const slice& s) : plan_(p), slice_(s) {}

  /// What `t` needs to be rendered.
  const language::scope& operator()(const text_template& t) {
    if (t.is_literal()) {
      return empty_;
    }
    if (!made_) {
      made_ = slice_scope(plan_, slice_);
    }
    return *made_;
  }

private:
  const plan& plan_;
  const slice& slice_;
  language::scope empty_;
  std::optional<language::scope> made_;
};

/// A list in Python's notation is sent as one parameter for each element, any other text as it is.
std::vector<std::string> separated(std::string text) {
  auto elements = language::list_elements(text);
  return elements ? std::move(*elements) : std::vector<std::string>{std::move(text)};
}

/// The texts with which a parameter is sent.
expected<std::vector<std::string>> parameter_values(const named_template& t, lazy_scope& scope) {
  if (!t.verbatim) {
    return t.value.render_values(scope(t.value));
  }
  return t.value.render(scope(t.value)).map(separated);
}

/// The text with which a header is sent, or nothing.
expected<std::vector<std::string>> header_values(const named_template& t, lazy_scope& scope) {
  auto text = t.verbatim ? t.value.render(scope(t.value)).map([](std::string x) { return std::optional{std::move(x)}; })
                         : t.value.render_optional(scope(t.value));
  return std::move(text).map([](std::optional<std::string> x) {
    return x ? std::vector<std::string>{std::move(*x)} : std::vector<std::string>{};
  });
}

/// What goes into a request besides its URL. A name may come from several places of a manifest only with one value.
class request_fields {
public:
  /// @param most as many fields as there may be, or about so many.
  request_fields(bool header, std::size_t most) : header_(header) { pairs_.reserve(most); }

  /// Adds the field, once for each of its values that is not empty.
  expected<void> add(const std::string& name, std::vector<std::string> values) {
    values.erase(std::remove(values.begin(), values.end(), ""), values.end());
    std::vector<std::string_view> others;
    for (const auto& [known, other] : pairs_) {
      if (header_ ? equals_ignoring_case(known, name) : known == name) {
        others.push_back(other);
      }
    }
    if (!others.empty() && !values.empty()) {
      if (std::equal(others.begin(), others.end(), values.begin(), values.end())) {
        return {};
      }
      return fail(errc::bad_manifest, failure_type::system_error,
                  std::string{"The manifest gives the request "} + (header_ ? "header" : "parameter") + " `" + name
                    + "` two values. Nothing was requested; remove one of them.");
    }
    for (auto& value : values) {
      if (header_ && !(is_field_text(name) && is_field_text(value))) {
        return fail(
          errc::bad_config, failure_type::config_error,
          "The value for the request header `" + name + "` contains a line break or another control character. "
            + "Nothing was requested; check the config value it is made of (a token copied with its line end?).");
      }
      pairs_.emplace_back(name, std::move(value));
    }
    return {};
  }

  /// @param without parameters of this URL's query are left out.
  expected<void> render(const std::vector<named_template>& templates, lazy_scope& scope,
                        std::string_view without = {}) {
    for (const auto& t : templates) {
      if (!without.empty() && url::has_parameter(without, t.name)) {
        continue;
      }
      auto values = header_ ? header_values(t, scope) : parameter_values(t, scope);
      auto added = std::move(values).and_then([&](std::vector<std::string> x) { return add(t.name, std::move(x)); });
      if (!added) {
        return added;
      }
    }
    return {};
  }

  header_list& pairs() noexcept { return pairs_; }

private:
  bool header_;
  header_list pairs_;
};

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

} // namespace

/// Few templates read the slice, and most of those only one of its variables.
language::scope slice_scope(const plan& p, const slice& s) {
  language::scope result;
  result.set("config", p.config);
  result.set_lazy("stream_partition",
                  [&s] { return language::parse_json(s.partition).value_or(language::value{language::value_dict{}}); });
  result.set_lazy("stream_interval", [&s] {
    language::value_dict interval;
    add_interval(interval, s);
    return language::value{std::move(interval)};
  });
  result.set_lazy("stream_slice", [&s] {
    auto both = object_of(s.partition);
    add_interval(both, s);
    if (!s.extra_fields.empty()) {
      both.emplace_back("extra_fields", language::value{object_of(s.extra_fields)});
    }
    return language::value{std::move(both)};
  });
  return result;
}

namespace {

/// The request with these fields of a credential.
expected<built_request> build_with(const plan& p, const endpoint& e, const page_request& request,
                                   const credential_fields& secrets) {
  std::optional<slice> shortened;
  if (!request.list.lower_text.empty()) {
    shortened = request.slice;
    shortened->lower_text = request.list.lower_text;
  }
  const auto& s = shortened ? *shortened : request.slice;
  bool linked = !request.token.empty() && e.pages.token_is_url;
  // Besides the templates: both ends of the window, the size of a page and the token.
  constexpr std::size_t others = 4;
  lazy_scope scope{p, s};
  const auto link = linked ? std::string_view{request.token} : std::string_view{};
  request_fields parameters{false, linked ? 0 : e.request.parameters.size() + secrets.size() + others};
  request_fields headers{true, e.request.headers.size() + secrets.size() + others};
  auto ok = headers.render(e.request.headers, scope);
  for (const auto& field : secrets) {
    if (ok && field.where == credential_field::place::header) {
      ok = headers.add(field.name, std::vector<std::string>(1, field.value));
    }
  }
  if (ok) {
    // A link usually carries all of them.
    ok = parameters.render(e.request.parameters, scope, link);
  }
  for (const auto& field : secrets) {
    if (ok && field.where == credential_field::place::parameter && !url::has_parameter(link, field.name)) {
      ok = parameters.add(field.name, std::vector<std::string>(1, field.value));
    }
  }
  auto inject = [&](const std::optional<request_option>& option, const std::string& value) {
    bool has = linked && option && option->into == inject_into::parameter && url::has_parameter(link, option->name);
    if (ok && option && !value.empty() && !has) {
      ok = option->into == inject_into::header ? headers.add(option->name, {value})
                                               : parameters.add(option->name, separated(value));
    }
  };
  if (e.cursor && s.has_window && !(linked && e.pages.first_page_has_slice)) {
    inject(e.cursor->start_option, s.lower_text);
    inject(e.cursor->end_option, s.upper_text);
  }
  if (e.pages.page_size) {
    inject(e.pages.page_size_option, std::to_string(*e.pages.page_size));
  }
  if (!e.pages.token_is_url) {
    inject(e.pages.token_option, request.token.empty() ? e.pages.first_token : request.token);
  }
  if (!ok) {
    return tl::unexpected(std::move(ok.error()));
  }
  auto target = linked ? linked_url(e.request.url_base, request.token) : first_url(p, e, s);
  if (!target) {
    return tl::unexpected(std::move(target.error()));
  }
  if (!parameters.pairs().empty()) {
    add_missing(*target, parameters.pairs(), linked);
  }
  return built_request{e.request.method, std::move(*target), std::move(headers.pairs())};
}

} // namespace

expected<built_request> build_request(const plan& p, const endpoint& e, const page_request& request,
                                      const issued_credential* current) {
  return build_with(p, e, request, current != nullptr ? current->fields : known_fields(e.request.credential));
}

expected<built_request> build_shape(const plan& p, const endpoint& e, const page_request& request) {
  return build_with(p, e, request, {});
}

} // namespace sluice

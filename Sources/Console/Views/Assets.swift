import Crypto
import Foundation

/// Files that are built into the program.
enum Assets {
    /// What browsers fetch, by file name.
    static let files: [String: (type: String, content: [UInt8])] = [
        "console.css": ("text/css; charset=utf-8", PackageResources.console_css),
        "console.js": ("text/javascript; charset=utf-8", PackageResources.console_js),
        "icon.svg": ("image/svg+xml", PackageResources.icon_svg),
    ]

    static let words = Data(PackageResources.words_json)

    /// Changes when a file does, so that browsers may keep them.
    static let version: String = {
        var hash = SHA256()
        for (_, file) in Self.files.sorted(by: { $0.key < $1.key }) { hash.update(data: file.content) }
        return hash.finalize().prefix(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }()

    /// Name → text.
    static let templates: [String: String] = [
        "access-log": PackageResources.access_log_mustache,
        "account": PackageResources.account_mustache,
        "agreement": PackageResources.agreement_mustache,
        "alone": PackageResources.alone_mustache,
        "changes": PackageResources.changes_mustache,
        "code-tables": PackageResources.code_tables_mustache,
        "failed": PackageResources.failed_mustache,
        "failed-list": PackageResources.failed_list_mustache,
        "failure": PackageResources.failure_mustache,
        "findings": PackageResources.findings_mustache,
        "held": PackageResources.held_mustache,
        "held-list": PackageResources.held_list_mustache,
        "interop": PackageResources.interop_mustache,
        "interop-fields": PackageResources.interop_fields_mustache,
        "journey-step": PackageResources.journey_step_mustache,
        "layout": PackageResources.layout_mustache,
        "mapping": PackageResources.mapping_mustache,
        "mapping-explained": PackageResources.mapping_explained_mustache,
        "mapping-explained-line": PackageResources.mapping_explained_line_mustache,
        "mapping-preview": PackageResources.mapping_preview_mustache,
        "mapping-problem-rows": PackageResources.mapping_problem_rows_mustache,
        "mapping-problems": PackageResources.mapping_problems_mustache,
        "mapping-source": PackageResources.mapping_source_mustache,
        "mappings": PackageResources.mappings_mustache,
        "mark": PackageResources.mark_mustache,
        "messages": PackageResources.messages_mustache,
        "overview": PackageResources.overview_mustache,
        "overview-now": PackageResources.overview_now_mustache,
        "pages": PackageResources.pages_mustache,
        "person": PackageResources.person_mustache,
        "privacy-fields": PackageResources.privacy_fields_mustache,
        "refusal": PackageResources.refusal_mustache,
        "repairs": PackageResources.repairs_mustache,
        "replay": PackageResources.replay_mustache,
        "replay-form": PackageResources.replay_form_mustache,
        "replay-now": PackageResources.replay_now_mustache,
        "replays": PackageResources.replays_mustache,
        "role-explanation": PackageResources.role_explanation_mustache,
        "role-plan": PackageResources.role_plan_mustache,
        "role-plan-now": PackageResources.role_plan_now_mustache,
        "role-planning": PackageResources.role_planning_mustache,
        "roles": PackageResources.roles_mustache,
        "settings": PackageResources.settings_mustache,
        "settings-checks": PackageResources.settings_checks_mustache,
        "settings-configuration": PackageResources.settings_configuration_mustache,
        "sign-in": PackageResources.sign_in_mustache,
        "statistics": PackageResources.statistics_mustache,
        "upload": PackageResources.upload_mustache,
    ].mapValues { String(decoding: $0, as: UTF8.self) }
}

with

recorded_patches as (
    select * from {{ ref('stg_gerrit__recorded_patches') }}
),

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

found_patches as (
    select * from {{ ref('int_patches_found') }}
),

addressed_changes as (
    select * from {{ ref('int_changes_addressed') }}
),

trains as (
    select * from {{ ref('trains') }}
),

installation as (
    select * from {{ ref('int_installation_given_settings') }}
),

-- A person may have had several names; the account has the newest one.
owners as (
    select
        owner_account_id,
        max_by(owner_name, coalesce(updated_at, created_at)) as owner_name
    from changes
    where owner_account_id is not null and owner_name is not null
    group by owner_account_id
),

described_changes as (
    select
        changes.*,
        case
            when installation.publish_deployers and owners.owner_name is not null then owners.owner_name
            else 'account ' || cast(changes.owner_account_id as varchar)
        end as owner_label
    from changes
    left join owners on changes.owner_account_id = owners.owner_account_id
    cross join installation
),

-- What the list says wins: it was written down at the time. A list that was made later
-- also has what was merged to the version's own branch since.
patches_from_the_start as (
    select
        recorded_patches.patch_key as patch_id,
        recorded_patches.version,
        coalesce(described_changes.change_id, recorded_patches.link) as change_id,
        recorded_patches.link,
        described_changes.project,
        described_changes.owner_label as owner_name,
        coalesce(recorded_patches.insertions_count, described_changes.insertions_count) as insertions_count,
        coalesce(recorded_patches.deletions_count, described_changes.deletions_count) as deletions_count,
        coalesce(recorded_patches.comments_count, described_changes.comments_count) as comments_count,
        false as is_backport,
        coalesce(recorded_patches.created_at, described_changes.created_at) as created_at,
        coalesce(recorded_patches.submitted_at, described_changes.submitted_at) as submitted_at
    from recorded_patches
    left join found_patches on recorded_patches.patch_key = found_patches.patch_key
    left join described_changes on found_patches.change_number = described_changes.change_number
    where
        described_changes.change_status is distinct from 'MERGED'
        or described_changes.train_version is distinct from recorded_patches.version
),

-- What was merged to a version's own branch came after it was cut.
backports as (
    select
        described_changes.branch || ' ' || described_changes.change_number as patch_id,
        described_changes.train_version as version,
        described_changes.change_id,
        coalesce(addressed_changes.link, cast(described_changes.change_number as varchar)) as link,
        described_changes.project,
        described_changes.owner_label as owner_name,
        described_changes.insertions_count,
        described_changes.deletions_count,
        described_changes.comments_count,
        true as is_backport,
        described_changes.created_at,
        described_changes.submitted_at
    from described_changes
    left join addressed_changes on described_changes.change_number = addressed_changes.change_number
    where described_changes.train_version is not null and described_changes.change_status = 'MERGED'
),

all_patches as (
    select * from patches_from_the_start
    union all
    select * from backports
),

patches_of_trains as (
    select
        all_patches.patch_id,
        all_patches.version,
        all_patches.change_id,
        all_patches.link,
        all_patches.project,
        all_patches.owner_name,
        cast(all_patches.insertions_count as bigint) as insertions_count,
        cast(all_patches.deletions_count as bigint) as deletions_count,
        cast(all_patches.comments_count as bigint) as comments_count,
        cast(epoch(all_patches.submitted_at) - epoch(all_patches.created_at) as bigint)
            as created_to_submitted_seconds,
        cast(epoch(trains.started_at) - epoch(all_patches.created_at) as bigint)
            as created_to_train_seconds,
        cast(epoch(trains.started_at) - epoch(all_patches.submitted_at) as bigint)
            as submitted_to_train_seconds,
        {{ days_between('all_patches.created_at', 'trains.started_at') }} as created_to_train_days,
        {{ days_between('all_patches.submitted_at', 'trains.started_at') }} as submitted_to_train_days,
        all_patches.is_backport,
        all_patches.created_at,
        all_patches.submitted_at,
        trains.started_at as train_started_at
    from all_patches
    left join trains on all_patches.version = trains.version
)

select * from patches_of_trains

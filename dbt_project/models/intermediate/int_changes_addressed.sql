with

changes as (
    select * from {{ ref('stg_gerrit__changes') }}
),

runs as (
    select * from {{ ref('stg_deployments__runs') }}
),

server as (
    select {{ first_by('site_url', '-run_id') }} as site_url
    from runs
    where source = 'gerrit' and stream = 'changes' and site_url != ''
),

-- As Gerrit itself writes the address of a change's page.
addressed as (
    select
        changes.change_number,
        server.site_url || 'c/' || changes.project || '/+/' || changes.change_number as link
    from changes
    cross join server
    where server.site_url is not null and changes.project is not null
)

select * from addressed

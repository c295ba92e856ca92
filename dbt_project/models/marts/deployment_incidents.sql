with

incidents as (
    select * from {{ ref('int_incidents_tied') }}
),

deployment_incidents as (
    select
        incident_id,
        pipeline,
        environment,
        deployment_id,
        tied_by,
        {{ days_between('started_at', 'resolved_at') }} * 24 as incident_hours,
        started_at,
        resolved_at
    from incidents
)

select * from deployment_incidents

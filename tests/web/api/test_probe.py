import time, collections, traceback
import requests, httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import openapi, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import *
from schemathesis.specs.openapi.checks import unsupported_method, missing_required_header
from tests.support.house import PASSWORD
from tests.web.api.program import API, Program, program
from tests.web.site import ON_SQLITE, Site
from workflow.candidates.sessions import Arrival, begin_session
from workflow.database.connection import write_transaction
from workflow.limits import forget_attempts
from workflow.recruiters.tables import RecruiterSession
from datetime import timedelta
import pytest
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,missing_required_header
]

@ON_SQLITE
@pytest.mark.parametrize("who", ["stranger","candidate","recruiter"])
async def test_probe(site, who):
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit)
    me = await site.house.candidate(email="chloe@example.org")
    application = await site.house.application(me)
    await site.index()
    real = {"reference": "REF-1", "application_id": str(application)}
    words = {"email": "chloe@example.org", "password": PASSWORD, "current_password": PASSWORD, "event": "consider", "offer": "REF-1", "language":"fr"}
    p = await program(site)
    schema = openapi.from_dict(p.document)
    ops = [r.ok() for r in schema.get_all_operations()]
    async def token():
        async with write_transaction():
            if who == "candidate":
                return (await begin_session(me, arrival=Arrival(), now=site.now)).token
            if who == "recruiter":
                return (await RecruiterSession.create_session(staff.id)).token
        return None
    async def send(case):
        req = requests.Request(**{k:v for k,v in case.as_transport_kwargs(base_url="http://site.example").items()}).prepare()
        headers = {k: v for k, v in req.headers.items()}
        headers.pop("Authorization", None)
        t = await token()
        if t: headers["Authorization"] = "Bearer "+t
        body = req.body
        if isinstance(body, str): body = body.encode()
        return await p.client.request(req.method, req.url, headers=headers, content=body)
    seen = collections.defaultdict(list); statuses = collections.Counter(); per=collections.Counter()
    def real_ones(case, n):
        if n % 2: return
        for k in case.path_parameters: 
            if k in real: case.path_parameters[k] = real[k]
        if isinstance(case.body, dict):
            for k in case.body:
                if k in words and isinstance(case.body[k], str): case.body[k] = words[k]
    async def hold(cases):
        for n, case in enumerate(cases):
            if n % 20 == 0: await forget_attempts(now=site.now + timedelta(hours=2))
            real_ones(case, n)
            a = await send(case)
            statuses[(case.operation.label, a.status_code)] += 1
            try:
                case.validate_response(a, checks=CHECKS)
            except Exception as e:
                key = (case.operation.label, "; ".join(type(x).__name__+ " "+x.title for x in getattr(e, "exceptions", [e])))
                seen[key].append((repr(case)[:300], a.status_code, a.text[:200], str(e)[:600], case.meta.phase.data.description if case.meta else ""))
    t=time.time()
    for op in ops:
        await hold(list(schema.iter_coverage_cases(op, generation_modes=list(GenerationMode), generation_config=schema.config.generation_for(operation=op, phase="coverage"))))
    print("coverage", sum(statuses.values()), time.time()-t); t=time.time(); b=sum(statuses.values())
    for op in ops:
        mine = "stranger" if not op.definition.raw.get("security") else "recruiter" if "console" in op.path else "candidate"
        if mine != who: continue
        for mode in GenerationMode:
            cases=[]
            @settings(max_examples=10, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
            @given(op.as_strategy(generation_mode=mode))
            def draw(case):
                cases.append(case)
            try: draw()
            except Unsatisfiable: pass
            await hold(cases)
    print("fuzz", sum(statuses.values())-b, time.time()-t)
    for k, v in sorted(statuses.items()): print(k, v)
    for k, v in seen.items():
        print("=====", k, len(v))
        for x in v[:2]: print("   ", *x, sep="\n      ")
